namespace Sirsi.Wasm.Tests.Fuzzing;

/// <summary>What generated programs are like.</summary>
internal enum ProgramKind
{
    Any,

    /// <summary>Node 20 can run them.</summary>
    Plain,

    /// <summary>Their loops have many rounds.</summary>
    Hot,

    /// <summary>Short ones.</summary>
    Small,
}
