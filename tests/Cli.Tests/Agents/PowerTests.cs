using System.Text;
using System.Text.Json;
using Sirsi.Hypervisor;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Cli.Tests.Agents;

/// <summary>What agents may do, ask for, and hold.</summary>
public sealed class PowerTests : IDisposable
{
    private readonly House _house = new();

    public void Dispose() => _house.Dispose();

    [Fact]
    public async Task A_capability_has_to_be_the_sessions_and_the_modules_and_can_be_revoked()
    {
        await _house.AddAsync("lead", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "modules", "counter", "counter.wat"), TestContext.Current.CancellationToken),
            "capabilities:\n- capability: agent.spawn\n  reason: It leads.\n");
        await _house.DoAsync("session", "open", "--name", "demo", "--capability", "agent.spawn:counter", "--capability", "agent.tell");
        ProgramResult notTheModules = await _house.RunAsync("agent", "spawn", "lead", "--session", "demo", "--capability", "agent.tell");
        Assert.Equal(ExitCode.Failed, notTheModules.ExitCode);
        Assert.Contains(HypervisorErrors.CapabilityRefused.ToString(), notTheModules.Error, StringComparison.Ordinal);
        ProgramResult notTheSessions = await _house.RunAsync("agent", "spawn", "lead", "--session", "demo", "--capability", "agent.spawn:other");
        Assert.Contains(HypervisorErrors.CapabilityRefused.ToString(), notTheSessions.Error, StringComparison.Ordinal);
        JsonElement spawned = await _house.AskAsync("agent", "spawn", "lead", "--session", "demo", "--capability", "agent.spawn:counter");
        string id = spawned.GetProperty("id").GetString()!;
        Assert.Equal(("agent.spawn:counter", false), Capability(spawned));
        Assert.Equal(ExitCode.Failed, (await _house.RunAsync("agent", "revoke", id, "agent.tell")).ExitCode);
        Assert.Equal(ExitCode.Usage, (await _house.RunAsync("agent", "revoke", id)).ExitCode);
        await _house.DoAsync("agent", "revoke", id, "agent.spawn:counter");
        Assert.Equal(("agent.spawn:counter", true), Capability(await _house.AskAsync("agent", "show", id)));
    }

    [Fact]
    public async Task A_request_is_listed_and_answered_for_whoever_hosts_the_agent_next()
    {
        await _house.DoAsync("session", "open", "--name", "demo");
        await _house.HostAsync(Asking(), static async session =>
        {
            Agent agent = await session.SpawnAsync("asking");
            foreach (string about in (string[])["one", "two"]) await agent.TellAsync("go", Encoding.UTF8.GetBytes(about));
            Assert.True(await agent.AskAsync("wait", default, TimeSpan.FromSeconds(30)) is { Outcome: ReplyOutcome.NoReply });
        });
        JsonElement[] waiting = [.. (await _house.AskAsync("agent", "approvals")).GetProperty("approvals").EnumerateArray()];
        Assert.Equal(["one", "two"], waiting.Select(static request => Encoding.UTF8.GetString(request.GetProperty("details").GetBytesFromBase64())));
        string id = waiting[0].GetProperty("agent").GetString()!;
        string Number(int index) => waiting[index].GetProperty("number").GetInt64().ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Matches($"{Number(0)} +{id} +may I", await _house.DoAsync("agent", "approvals"));
        await _house.DoAsync("agent", "approve", id, Number(0), "--comment", "only today");
        await _house.DoAsync("agent", "deny", id, Number(1));
        ProgramResult again = await _house.RunAsync("agent", "approve", id, Number(0));
        Assert.Equal(ExitCode.Failed, again.ExitCode);
        Assert.Contains("It has none", again.Error, StringComparison.Ordinal);
        await _house.HostAsync(Asking(), static async session =>
        {
            Agent agent = Assert.Single(session.Agents());
            await agent.AskAsync("wait", default, TimeSpan.FromSeconds(30));
            Assert.Equal("Approved only today;Denied ;", Encoding.UTF8.GetString(agent.CopyVariables()["answers"].Span));
        });
    }

    [Fact]
    public async Task A_full_mailbox_takes_no_more_and_says_what_to_do()
    {
        string id = await _house.CounterAsync();
        await _house.DoAsync("agent", "suspend", id);
        await _house.HostAsync(new AgentTypes(), static async session =>
        {
            Agent agent = session.Agents()[0];
            await Task.WhenAll(Enumerable.Range(0, agent.Type.Mailbox.MessagesMax).Select(_ => agent.TellAsync("count", default).AsTask()));
        });
        ProgramResult sent = await _house.RunAsync("agent", "send", id, "count");
        Assert.Equal(ExitCode.Failed, sent.ExitCode);
        Assert.Contains("full with 1,000 messages", sent.Error, StringComparison.Ordinal);
        Assert.Contains($"sirsi agent resume {id}", sent.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_comes_second_is_told_who_has_the_folder()
    {
        string id = await _house.CounterAsync();
        await _house.HostAsync(new AgentTypes(), async _ =>
        {
            ProgramResult second = await _house.RunAsync("agent", "show", id);
            Assert.Equal(ExitCode.Failed, second.ExitCode);
            Assert.Contains(HypervisorErrors.FolderInUse.ToString(), second.Error, StringComparison.Ordinal);
            Assert.Contains(Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), second.Error, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData(true, "order 17")]
    [InlineData(false, "paid")]
    public async Task A_step_of_which_nobody_knows_what_came_is_settled_by_hand(bool done, string outcome)
    {
        await _house.DoAsync("session", "open", "--name", "demo");
        var paying = new Paying();
        await _house.HostAsync(paying.Types(), static async session =>
        {
            Agent agent = await session.SpawnAsync("paying");
            await agent.TellAsync("pay", default);
        });
        JsonElement step = Assert.Single((await _house.AskAsync("agent", "steps")).GetProperty("steps").EnumerateArray());
        string id = step.GetProperty("agent").GetString()!, key = step.GetProperty("key").GetString()!;
        Assert.Equal((0, "pay", "paying"), (step.GetProperty("step").GetInt32(), step.GetProperty("name").GetString(), step.GetProperty("agentType").GetString()));
        Assert.Matches($"0 +{id} +paying +pay +{key}", await _house.DoAsync("agent", "steps", id));
        Assert.Equal(ExitCode.Usage, (await _house.RunAsync("agent", "settle", id, "0")).ExitCode);
        Assert.Equal(ExitCode.Usage, (await _house.RunAsync("agent", "settle", id, "0", "--done", "--not-done")).ExitCode);
        Assert.Equal(ExitCode.Usage, (await _house.RunAsync("agent", "settle", id, "0", "--not-done", "--result", "x")).ExitCode);
        ProgramResult other = await _house.RunAsync("agent", "settle", id, "1", "--done");
        Assert.Equal(ExitCode.Failed, other.ExitCode);
        Assert.Contains("rests for step 0 (pay)", other.Error, StringComparison.Ordinal);
        string[] how = done ? ["--done", "--result", "@" + _house.Write("result.txt", "order 17")] : ["--not-done", "--reason", "the shop has nothing"];
        Assert.Contains($"Settled step 0 (pay) of {id}", await _house.DoAsync(["agent", "settle", id, done ? key : "0", .. how]), StringComparison.Ordinal);
        Assert.Contains("No step waits", await _house.DoAsync("agent", "steps"), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, (await _house.RunAsync("agent", "settle", id, "0", "--done")).ExitCode);
        await _house.HostAsync(paying.Types(), async session =>
        {
            Agent agent = Assert.Single(session.Agents());
            await agent.AskAsync("wait", default, TimeSpan.FromSeconds(30));
            Assert.Equal(outcome, Encoding.UTF8.GetString(agent.CopyVariables()["outcome"].Span));
        });
        Assert.Equal(done ? 1 : 2, paying.Asked);
    }

    private static (string? Capability, bool IsRevoked) Capability(JsonElement agent)
    {
        JsonElement one = Assert.Single(agent.GetProperty("capabilities").EnumerateArray());
        return (one.GetProperty("capability").GetString(), one.GetProperty("revoked").GetBoolean());
    }

    private static AgentTypes Asking() => new AgentTypes().Register(new AgentType("asking", static () => new Asker()) { Durability = AgentDurability.Durable });

    /// <summary>Pays once, and the first time the line is dead when the answer should come.</summary>
    private sealed class Paying : IAgentBehavior
    {
        public int Asked { get; private set; }

        public AgentTypes Types() => new AgentTypes().Register(new AgentType("paying", () => this) { Durability = AgentDurability.Durable });

        public async ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
        {
            if (message.Type != "pay") return;
            turn.SetVariable("outcome", await turn.StepAsync("pay", StepPolicy.AskPerson, _ =>
                ++Asked == 1 ? throw new InvalidOperationException("The line is dead.") : ValueTask.FromResult<ReadOnlyMemory<byte>>("paid"u8.ToArray())));
        }
    }

    private sealed class Asker : IAgentBehavior
    {
        public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
        {
            if (message.Type == "go") turn.RequestApproval("may I", message.Payload, TimeSpan.FromHours(1));
            return ValueTask.CompletedTask;
        }

        public ValueTask OnEventAsync(AgentTurn turn, AgentMessage happened)
        {
            using JsonDocument answer = JsonDocument.Parse(happened.Payload);
            turn.TryGetVariable("answers", out ReadOnlyMemory<byte> before);
            string said = $"{answer.RootElement.GetProperty("decision").GetString()} {answer.RootElement.GetProperty("comment").GetString()};";
            turn.SetVariable("answers", Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(before.Span) + said));
            return ValueTask.CompletedTask;
        }
    }
}
