namespace Sirsi.Core.Governing;

/// <summary>What an operation does, as far as limits care.</summary>
public enum OperationKind
{
    /// <summary>Works on what it has.</summary>
    Compute,

    /// <summary>Reads or writes a store of the host's: context, bus, journal. Counts as I/O; does not touch the system.</summary>
    Storage,

    /// <summary>Reads or writes files. Counts as I/O and touches the system.</summary>
    File,

    /// <summary>Uses the network. Counts as I/O and touches the system.</summary>
    Network,

    /// <summary>Starts or controls a process. Touches the system.</summary>
    Process,
}

/// <summary>Which of the operations waiting at one governor goes first; those of equal priority go in the order of arrival.</summary>
public enum OperationPriority
{
    /// <summary>When nothing else waits.</summary>
    Low,

    /// <summary>The usual.</summary>
    Normal,

    /// <summary>Before the usual.</summary>
    High,

    /// <summary>Before all others: what keeps the rest alive.</summary>
    Critical,
}

/// <summary>What became of an attempt that does not wait.</summary>
public enum Admission
{
    /// <summary>There is a permit.</summary>
    Granted,

    /// <summary>It would have to wait.</summary>
    Busy,

    /// <summary>The operation touches the system, and a sandbox forbids that.</summary>
    RefusedBySandbox,

    /// <summary>The governor is closed.</summary>
    Closed,
}

internal static class OperationKinds
{
    public const int Count = 5;

    public const int Priorities = 4;

    public static bool IsIo(this OperationKind kind) => kind is OperationKind.Storage or OperationKind.File or OperationKind.Network;

    public static bool TouchesSystem(this OperationKind kind) => kind is OperationKind.File or OperationKind.Network or OperationKind.Process;
}
