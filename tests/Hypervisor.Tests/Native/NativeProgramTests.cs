using System.Collections.Concurrent;
using System.Collections.Immutable;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Native;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Native;

public sealed class NativeProgramTests
{
    private const string Shell = "/bin/sh";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly ImmutableDictionary<string, string> Tools = ImmutableDictionary<string, string>.Empty.Add("PATH", "/usr/bin:/bin");

    private readonly ConcurrentQueue<string> _log = new();

    /// <summary>Runs a loop over the lines that come; in it <c>$line</c> is one of them.</summary>
    private static NativeProgram Program(string body) => new(Shell)
    {
        Arguments = ["-c", $"while read -r line; do\ncase \"$line\" in\n*'\"frame\":\"hello\"'*) hello=\"$line\";;\n{body}\n*) echo '{{\"do\":\"done\"}}';;\nesac\ndone"],
    };

    private async Task<AgentHost> OpenAsync(NativeProgram program, bool isAllowed = true)
    {
        var types = new AgentTypes();
        types.Register(program.ToType("native", (_, text) => _log.Enqueue(text)) with { Supervision = new SupervisionOptions { AttemptsMax = 1 } });
        return await AgentHost.OpenAsync(HostEnvironment.Production, types, new AgentHostOptions { NativePrograms = isAllowed ? [Shell] : [] });
    }

    private static async Task<Agent> SpawnAsync(AgentHost host)
    {
        HostEnvironment machine = HostEnvironment.Production;
        Session session = await host.OpenSessionAsync(new ProjectScope(machine.Ids.Next<TenantKind>(), machine.Ids.Next<ProjectKind>()));
        return await session.SpawnAsync("native");
    }

    private static async Task<string> AskAsync(Agent agent, string type)
    {
        AgentReply reply = await agent.AskAsync(type, World.Bytes("hi"), Patience);
        return reply.Outcome is ReplyOutcome.Replied ? World.Text(reply.Payload) : $"{reply.Outcome}: {reply.Reason}";
    }

    [Fact]
    public async Task A_program_replies_and_keeps_variables_in_its_turn()
    {
        await using AgentHost host = await OpenAsync(Program("""
            *'"type":"keep"'*) echo '{"do":"set","name":"n","value":"AQI="}'; echo '{"do":"reply","payload":"b2s="}'; echo '{"do":"done"}';;
            *'"type":"drop"'*) echo '{"do":"set","name":"n","value":"AwM="}'; echo '{"do":"fail","reason":"I will not"}';;
            *'"type":"tell"'*) echo "{\"do\":\"reply\",\"payload\":\"$(printf %s "$hello" | base64 -w 0)\"}"; echo '{"do":"done"}';;
            """) with { Environment = Tools });
        Agent agent = await SpawnAsync(host);
        Assert.Equal("ok", await AskAsync(agent, "keep"));
        Assert.Equal([1, 2], agent.CopyVariables()["n"].ToArray());
        Assert.Contains("I will not", await AskAsync(agent, "drop"), StringComparison.Ordinal);
        Assert.Equal([1, 2], agent.CopyVariables()["n"].ToArray());
        // Another process, which is told what the agent has kept.
        Assert.Equal($$$"""{"frame":"hello","agent":"{{{agent.Id}}}","variables":{"n":"AQI="}}""", await AskAsync(agent, "tell"));
    }

    [Theory]
    [InlineData("sleep 600", "Failed: ")]
    [InlineData("exit 3", "It has ended in the midst of a turn.")]
    [InlineData("echo nonsense", "is no effect")]
    [InlineData("""echo '{"do":"dance"}'""", "is no effect")]
    [InlineData("""head -c 200000 /dev/zero | tr '\0' x""", "longer than 1000 bytes")]
    public async Task A_program_that_misbehaves_fails_its_turn_and_the_next_one_begins_anew(string what, string error)
    {
        await using AgentHost host = await OpenAsync(Program($$"""
            *'"type":"bad"'*) {{what}};;
            *'"type":"good"'*) echo '{"do":"reply","payload":"b2s="}'; echo '{"do":"done"}';;
            """) with
        {
            TurnTimeout = TimeSpan.FromSeconds(3),
            LineBytesMax = 1_000,
            Environment = Tools,
        });
        Agent agent = await SpawnAsync(host);
        Assert.Contains(error, await AskAsync(agent, "bad"), StringComparison.Ordinal);
        Assert.Equal("ok", await AskAsync(agent, "good"));
    }

    [Fact]
    public async Task What_it_writes_to_its_standard_error_is_logged_up_to_a_length()
    {
        await using AgentHost host = await OpenAsync(Program("""
            *'"type":"talk"'*) i=0; while [ $i -lt 2000 ]; do echo "a line that is long enough" >&2; i=$((i+1)); done; echo '{"do":"reply","payload":"b2s="}'; echo '{"do":"done"}';;
            """) with { LogCharactersPerTurn = 1_000 });
        Assert.Equal("ok", await AskAsync(await SpawnAsync(host), "talk"));
        Assert.InRange(_log.Sum(static text => text.Length), 0, 1_000);
    }

    [Fact]
    public async Task Nothing_is_started_that_the_operator_has_not_allowed_and_nothing_is_handed_on()
    {
        await using AgentHost refusing = await OpenAsync(Program(""), isAllowed: false);
        Agent refused = await SpawnAsync(refusing);
        Assert.True(await refusing.RestAsync(Patience));
        Assert.Contains("not among the native programs", refused.LastError, StringComparison.Ordinal);
        await using AgentHost host = await OpenAsync(Program("""
            *'"type":"env"'*) echo "{\"do\":\"set\",\"name\":\"home\",\"value\":\"${HOME:+SGk=}\"}"; echo '{"do":"reply","payload":"b2s="}'; echo '{"do":"done"}';;
            """));
        Agent agent = await SpawnAsync(host);
        Assert.Equal("ok", await AskAsync(agent, "env"));
        Assert.Empty(agent.CopyVariables()["home"].ToArray());
        Assert.Contains("not absolute", string.Join(' ', new NativeProgram("sh").Problems()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_sends_messages_to_other_agents()
    {
        var got = new TaskCompletionSource<string>();
        await using AgentHost host = await OpenAsync(Program(""));
        Agent agent = await SpawnAsync(host);
        host.Types.Register(new AgentType("listener", () => new Behaving((_, message) => got.TrySetResult($"{message.Type} {World.Text(message.Payload)}"))));
        Agent listener = await agent.Session.SpawnAsync("listener");
        host.Types.Replace((Program("""
            *'"type":"go"'*) echo "{\"do\":\"send\",\"to\":\"$TARGET\",\"type\":\"hello\",\"payload\":\"aGk=\"}"; echo '{"do":"done"}';;
            """) with { Environment = ImmutableDictionary<string, string>.Empty.Add("TARGET", listener.Id.ToString()) }).ToType("native"));
        await agent.TellAsync("go", default);
        Assert.Equal("hello hi", await got.Task.WaitAsync(Patience));
    }
}
