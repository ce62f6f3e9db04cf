using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Security;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <content>Whose modules are taken.</content>
public sealed partial class ModuleRegistry
{
    private const int DistrustLengthMax = 1_000;

    /// <summary>Why a module is neither taken nor loaded; null when it is.</summary>
    private async ValueTask<string?> DistrustAsync(ModuleManifest manifest, CancellationToken cancellation)
    {
        if (!manifest.IsSigned) return _options.AllowsUnsigned ? null : "Nobody has signed it.";
        string? problem = await _trust.ProblemAsync(manifest, cancellation);
        return problem?.Length > DistrustLengthMax ? problem[..DistrustLengthMax] : problem;
    }

    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.ModuleSignatureInvalid"/>; those who watch are told first.</exception>
    private async ValueTask ThrowUnlessTrustedAsync(ModuleManifest manifest, CancellationToken cancellation)
    {
        if (await DistrustAsync(manifest, cancellation) is not { } distrust) return;
        if (_options.SecurityEvents is { } watchers)
        {
            await watchers.WriteAsync(
                [new SecurityEvent(_environment.Ids.Next<EventKind>(), SecurityEventKind.ModuleRefused, _environment.Time.GetUtcNow(), default, default, default, manifest.AgentType, $"{manifest.Name}@{manifest.Version}", distrust)],
                cancellation);
        }

        throw Refused(HypervisorErrors.ModuleSignatureInvalid, manifest, distrust);
    }
}
