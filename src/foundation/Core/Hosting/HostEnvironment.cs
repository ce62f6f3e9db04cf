using Sirsi.Core.Identity;

namespace Sirsi.Core.Hosting;

/// <summary>
/// All that code may take from the machine it runs on: time, a place for continuations to run, randomness, identifiers and
/// journal files. A component gets one from whoever starts it and goes round it nowhere (<c>src/BannedSymbols.txt</c> sees to
/// that), so the same component runs on a real machine or, bit for bit from a seed, on a <see cref="DeterministicHost"/>.
/// Immutable: derive a variant with <c>with</c>. As safe for threads as the least safe of its parts: <see cref="Production"/> is.
/// </summary>
public sealed record HostEnvironment
{
    /// <summary>The clock, and the only source of timers and delays: <c>Task.Delay(delay, environment.Time)</c>.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Where continuations run.</summary>
    public required HostExecutor Executor { get; init; }

    /// <summary>Randomness, both the ordinary kind and the kind secrets are made of.</summary>
    public required RandomSource Random { get; init; }

    /// <summary>Identifiers that nobody else has.</summary>
    public required IdSource Ids { get; init; }

    /// <summary>Folders of append-only files.</summary>
    public required HostFileSystem Files { get; init; }

    /// <summary>The real machine: its clock, the thread pool, the operating system's randomness and its disks.</summary>
    public static HostEnvironment Production { get; } = CreateProduction();

    private static HostEnvironment CreateProduction()
    {
#pragma warning disable RS0030 // The one place where the machine's clock enters.
        TimeProvider time = TimeProvider.System;
#pragma warning restore RS0030
        var executor = new ThreadPoolExecutor(time);
        var random = new MachineRandomSource();
        return new HostEnvironment
        {
            Time = time,
            Executor = executor,
            Random = random,
            Ids = new IdSource(time, random.FillSecret),
            Files = new DiskFileSystem(executor),
        };
    }
}
