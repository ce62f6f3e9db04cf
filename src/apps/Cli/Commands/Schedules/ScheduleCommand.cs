using System.CommandLine;
using Sirsi.Cli.Commands.Agents;
using Sirsi.Cli.Commands.Tasks;
using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Schedules;

namespace Sirsi.Cli.Commands.Schedules;

/// <summary><c>sirsi schedule</c>: tasks that sessions submit again and again.</summary>
internal static class ScheduleCommand
{
    /// <summary>The verb and what is below it.</summary>
    public static Verb Create(Terminal terminal, HostEnvironment environment)
    {
        var hosts = new HostVerb(terminal, environment);
        return new Verb("schedule", "Has sessions submit tasks again and again, by a cron expression or an interval, while a command hosts them ('sirsi agent watch').")
        {
            Set(hosts), List(hosts), Show(hosts), Remove(hosts),
        };
    }

    private static Verb Set(HostVerb hosts)
    {
        Argument<string> name = Name();
        Option<string?> session = AgentCommand.SessionOption("The session that submits the task.");
        session.Required = true;
        var type = new Option<string>("--type") { Description = "What kind of work the task is.", HelpName = "TYPE", Required = true };
        var cron = new Option<string?>("--cron") { Description = "A cron expression: minute, hour, day, month, day of the week; of six fields the first is the second.", HelpName = "EXPRESSION" };
        Option<string?> every = Durations.Option("--every", "An interval instead of a cron expression.");
        var zone = new Option<string>("--zone") { Description = "The time zone whose clocks the expression means, an id of IANA.", HelpName = "ZONE", DefaultValueFactory = static _ => "Etc/UTC" };
        Option<string?> start = Instants.Option("--start", "Nothing before."), end = Instants.Option("--end", "Nothing after.");
        var skip = new Option<bool>("--skip-missed") { Description = "Let pass what nobody could submit in time, instead of making up for it with one task." };
        var options = new SpecOptions();
        var verb = new Verb("set", "Sets a schedule, or changes the one of that name.",
            "sirsi schedule set nightly --session demo --cron \"0 2 * * *\" --zone Europe/Berlin --type report", "sirsi schedule set poll --session demo --every 15m --type poll --payload @query.json --skip-missed")
        {
            name, session, type, cron, every, zone, start, end, skip,
        };
        options.AddTo(verb);
        return hosts.Create(verb, async (host, call) =>
        {
            DateTimeOffset now = hosts.Environment.Time.GetUtcNow();
            var spec = new ScheduleSpec(call.Get(name), options.Read(call, call.Get(type)!))
            {
                Cron = call.Get(cron),
                Every = call.Get(every) is { } interval ? Durations.Read(interval) : null,
                Zone = call.Get(zone)!,
                Start = Instants.Read(call.Get(start), now),
                End = Instants.Read(call.Get(end), now),
                Missed = call.Get(skip) ? MissedOccurrences.Skip : MissedOccurrences.Coalesce,
            };
            ScheduleReport.Explain(call, await host.Session(call.Get(session)!).SetScheduleAsync(spec));
        });
    }

    private static Verb List(HostVerb hosts)
    {
        Option<string?> session = AgentCommand.SessionOption("Only schedules of this session.");
        var verb = new Verb("list", "Lists schedules with their next times.", "sirsi schedule list", "sirsi schedule list --session demo --json") { session };
        return hosts.Create(verb, async (host, call) =>
        {
            await host.RestAsync(call.Cancellation);
            ScheduleReport.List(call, call.Get(session) is { } id ? host.Session(id).Schedules() : host.AllSchedules());
        });
    }

    private static Verb Show(HostVerb hosts)
    {
        Argument<string> name = Name();
        Option<string?> session = AgentCommand.SessionOption("Its session; not needed where no other has one of that name.");
        var verb = new Verb("show", "Shows a schedule and its next times.", "sirsi schedule show nightly", "sirsi schedule show nightly --session demo --json") { name, session };
        return hosts.Create(verb, async (host, call) =>
        {
            await host.RestAsync(call.Cancellation);
            ScheduleReport.Explain(call, host.Schedule(call.Get(name), call.Get(session)));
        });
    }

    private static Verb Remove(HostVerb hosts)
    {
        Argument<string> name = Name();
        Option<string?> session = AgentCommand.SessionOption("Its session; not needed where no other has one of that name.");
        var verb = new Verb("remove", "Ends a schedule; tasks it has submitted stay.", "sirsi schedule remove nightly --session demo") { name, session };
        return hosts.Create(verb, async (host, call) =>
        {
            SessionSchedule schedule = host.Schedule(call.Get(name), call.Get(session));
            await schedule.Session.RemoveScheduleAsync(schedule.Spec.Name);
            ScheduleReport.ShowRemoved(call, schedule);
        });
    }

    private static Argument<string> Name() => new("NAME") { Description = "What the schedule is called in its session." };
}
