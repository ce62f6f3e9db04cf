// Works on files of its own, or in a database, until it is killed, and tells on standard output what was acknowledged:
//   CrashWriter journal FOLDER FIRST-GROUP SYNC
//   CrashWriter bus FOLDER SEED FIRST-NUMBER…
//   CrashWriter agents PLACE ACCOUNTS TENANT PROJECT FIRST-CHAIN SERVER
//   CrashWriter tasks PLACE TENANT PROJECT FIRST-GRAPH SERVER
using System.Globalization;
using Sirsi.Core.Identity;
using Sirsi.CrashWriter;
using Sirsi.Journal;
using Sirsi.Store;

await (args switch
{
    ["journal", var folder, var firstGroup, var sync] => new JournalWriter(Number(firstGroup)).RunAsync(folder, Enum.Parse<JournalSync>(sync)),
    ["bus", var folder, var seed, .. var firstNumbers] => new BusWriter(Number(seed)).RunAsync(folder, [.. firstNumbers.Select(Number)]),
    ["agents", var place, var accounts, var tenant, var project, var firstChain, var server] => new AgentWriter(new Uri(server)).RunAsync(
        place, Number(accounts), Scope(tenant, project), Number(firstChain)),
    ["tasks", var place, var tenant, var project, var firstGraph, var server] => new TaskWriter(new Uri(server)).RunAsync(place, Scope(tenant, project), Number(firstGraph)),
    _ => throw new ArgumentException("the first lines of Program.cs say what it takes", nameof(args)),
});

static ProjectScope Scope(string tenant, string project) => new(Id<TenantKind>.Parse(tenant), Id<ProjectKind>.Parse(project));

static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);
