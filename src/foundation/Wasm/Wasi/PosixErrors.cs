namespace Sirsi.Wasm.Wasi;

/// <summary>Linux's error numbers in WASI's.</summary>
internal static class PosixErrors
{
    internal const int NotPermitted = 1;
    internal const int Interrupted = 4;
    internal const int Again = 11;
    internal const int CrossDevice = 18;
    internal const int TooBig = 7;
    internal const int NotImplemented = 38;

    internal static Errno ToWasi(int error) => error switch
    {
        0 => Errno.Success,
        NotPermitted => Errno.NotPermitted,
        2 => Errno.NoEntry,
        Interrupted => Errno.Interrupted,
        5 => Errno.InputOutput,
        6 => Errno.NoSuchDevice,
        TooBig => Errno.TooBig,
        9 => Errno.BadDescriptor,
        Again => Errno.Again,
        12 => Errno.NoMemory,
        13 => Errno.Access,
        14 => Errno.Fault,
        16 => Errno.Busy,
        17 => Errno.Exists,
        CrossDevice => Errno.CrossDevice,
        19 => Errno.NoDevice,
        20 => Errno.NotDirectory,
        21 => Errno.IsDirectory,
        22 => Errno.Invalid,
        23 => Errno.TooManyOpenInSystem,
        24 => Errno.TooManyOpen,
        26 => Errno.TextBusy,
        27 => Errno.FileTooLarge,
        28 => Errno.NoSpace,
        29 => Errno.IllegalSeek,
        30 => Errno.ReadOnly,
        31 => Errno.TooManyLinks,
        32 => Errno.Pipe,
        36 => Errno.NameTooLong,
        NotImplemented => Errno.NotImplemented,
        39 => Errno.DirectoryNotEmpty,
        40 => Errno.Loop,
        75 => Errno.Overflow,
        84 => Errno.IllegalSequence,
        95 => Errno.NotSupported,
        116 => Errno.Stale,
        122 => Errno.NoSpace,
        _ => Errno.InputOutput,
    };
}
