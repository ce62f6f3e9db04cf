using Sirsi.Cli.Commands.Store;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Durability;
using Sirsi.Store;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>The database that keeps the agents instead of the data folder, when the environment names one: not the command line, for the address may hold a password.</summary>
internal static class LocalLedger
{
    private const string Variable = "SIRSI_LEDGER";

    /// <summary>Opens it; null when none is named. Whoever asks disposes of it, after the host.</summary>
    /// <exception cref="CliException">The address makes no sense.</exception>
    /// <exception cref="StoreException">The database cannot be opened.</exception>
    public static async Task<Database?> OpenAsync(HostEnvironment environment, CancellationToken cancellation) =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } address
            ? await Database.OpenAsync(StoreAddress.Parse(address, write: true, Variable), [DatabaseLedger.Tables], environment, cancellation)
            : null;
}
