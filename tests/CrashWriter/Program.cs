// Works on files of its own until it is killed, and tells on standard output what was acknowledged:
//   CrashWriter journal FOLDER FIRST-GROUP SYNC
//   CrashWriter bus FOLDER SEED FIRST-NUMBER…
using System.Globalization;
using Sirsi.CrashWriter;
using Sirsi.Journal;

await (args switch
{
    ["journal", var folder, var firstGroup, var sync] => new JournalWriter(Number(firstGroup)).RunAsync(folder, Enum.Parse<JournalSync>(sync)),
    ["bus", var folder, var seed, .. var firstNumbers] => new BusWriter(Number(seed)).RunAsync(folder, [.. firstNumbers.Select(Number)]),
    _ => throw new ArgumentException("CrashWriter journal FOLDER FIRST-GROUP SYNC | bus FOLDER SEED FIRST-NUMBER…", nameof(args)),
});

static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);
