using System.CommandLine;
using Sirsi.Bus.Embedded;
using Sirsi.Bus.Events;
using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;

namespace Sirsi.Cli.Commands.Bus;

/// <summary><c>sirsi bus</c>: looks into the folder of an embedded event bus, also while another process works with it. Changes nothing.</summary>
internal static class BusCommand
{
    public static Verb Create(Terminal terminal, HostEnvironment environment) =>
        new("bus", "Looks into the folder of an event bus; changes nothing.", "sirsi bus stats ./data/bus")
        {
            StatsVerb.Create(terminal, environment),
            FsckVerb.Create(terminal, environment),
            DumpVerb.CreateDump(terminal, environment),
            DumpVerb.CreateTail(terminal, environment),
        };

    public static Argument<string> FolderArgument() => new("DIR") { Description = "The bus's folder, or that of one log in it." };

    public static Option<bool> JsonOption() => new("--json") { Description = "Answer with one JSON document." };

    /// <summary>The logs in a folder, by name; the folder may be one of them.</summary>
    /// <exception cref="CliException">There is no log.</exception>
    public static IReadOnlyList<(LogName Name, EmbeddedLogFolder Folder)> Logs(HostEnvironment environment, string folder)
    {
        string path = Path.GetFullPath(folder);
        if (!Directory.Exists(path)) throw new CliException(CliErrors.NotFound, $"There is no folder {path}.");
        string[] candidates = Directory.Exists(Path.Combine(path, EmbeddedBusDriver.EventsFolder)) ? [path] : Directory.GetDirectories(path);
        List<(LogName, EmbeddedLogFolder)> logs = [];
        foreach (string candidate in candidates.Order(StringComparer.Ordinal))
        {
            if (!LogName.TryParse(Path.GetFileName(candidate), out LogName name)) continue;
            if (Directory.Exists(Path.Combine(candidate, EmbeddedBusDriver.EventsFolder))) logs.Add((name, new EmbeddedLogFolder(environment, candidate)));
        }

        return logs.Count > 0 ? logs
            : throw new CliException(CliErrors.NotFound, $"There is no log in {path}: a log is a folder TENANT.PROJECT.AREA with a folder '{EmbeddedBusDriver.EventsFolder}' in it.");
    }

    /// <summary>The one log that is meant.</summary>
    /// <exception cref="CliException">There is none, or several.</exception>
    public static EmbeddedLogFolder OneLog(HostEnvironment environment, string folder, string? wanted)
    {
        IReadOnlyList<(LogName Name, EmbeddedLogFolder Folder)> logs = Logs(environment, folder);
        if (wanted is null && logs.Count == 1) return logs[0].Folder;
        string names = string.Join(", ", logs.Select(static log => log.Name.ToString()));
        if (wanted is null) throw new CliException(CliErrors.Usage, $"There are several logs; name one with --log: {names}.");
        foreach ((LogName name, EmbeddedLogFolder log) in logs)
            if (name.ToString() == wanted) return log;
        throw new CliException(CliErrors.NotFound, $"There is no log {wanted}. There are: {names}.");
    }
}
