using System.Collections.Immutable;

namespace Sirsi.Wasm.Wasi;

/// <summary>
/// The functions of WASI preview 1: name, parameters, what does it, and what it costs in fuel beside the bytes it moves (a call of the
/// kernel's file system takes about as long as a thousand instructions).
/// </summary>
internal static class WasiFunctions
{
    private const int Cheap = 0;
    private const int Kernel = 1_000;

    internal static ImmutableArray<(string Name, WasmFunctionType Type, WasiBody Body, int Cost)> All { get; } =
    [
        Function("args_get", "ii", ProcessFunctions.ArgsGet, Cheap),
        Function("args_sizes_get", "ii", ProcessFunctions.ArgsSizesGet, Cheap),
        Function("environ_get", "ii", ProcessFunctions.EnvironGet, Cheap),
        Function("environ_sizes_get", "ii", ProcessFunctions.EnvironSizesGet, Cheap),
        Function("clock_res_get", "ii", ClockFunctions.ResolutionGet, Cheap),
        Function("clock_time_get", "iIi", ClockFunctions.TimeGet, Cheap),
        Function("fd_advise", "iIIi", FileFunctions.Advise, Cheap),
        Function("fd_allocate", "iII", FileFunctions.Allocate, Kernel),
        Function("fd_close", "i", DescriptorFunctions.Close, Kernel),
        Function("fd_datasync", "i", FileFunctions.DataSync, Kernel),
        Function("fd_fdstat_get", "ii", DescriptorFunctions.StatusGet, Cheap),
        Function("fd_fdstat_set_flags", "ii", DescriptorFunctions.SetFlags, Kernel),
        Function("fd_fdstat_set_rights", "iII", DescriptorFunctions.SetRights, Cheap),
        Function("fd_filestat_get", "ii", FileFunctions.StatusGet, Kernel),
        Function("fd_filestat_set_size", "iI", FileFunctions.SetSize, Kernel),
        Function("fd_filestat_set_times", "iIIi", FileFunctions.SetTimes, Kernel),
        Function("fd_pread", "iiiIi", TransferFunctions.ReadAt, Kernel),
        Function("fd_prestat_get", "ii", DescriptorFunctions.PrestatGet, Cheap),
        Function("fd_prestat_dir_name", "iii", DescriptorFunctions.PrestatDirName, Cheap),
        Function("fd_pwrite", "iiiIi", TransferFunctions.WriteAt, Kernel),
        Function("fd_read", "iiii", TransferFunctions.Read, Kernel),
        Function("fd_readdir", "iiiIi", PathFunctions.ReadDirectory, Kernel),
        Function("fd_renumber", "ii", DescriptorFunctions.Renumber, Kernel),
        Function("fd_seek", "iIii", FileFunctions.Seek, Cheap),
        Function("fd_sync", "i", FileFunctions.Sync, Kernel),
        Function("fd_tell", "ii", FileFunctions.Tell, Cheap),
        Function("fd_write", "iiii", TransferFunctions.Write, Kernel),
        Function("path_create_directory", "iii", PathFunctions.CreateDirectory, Kernel),
        Function("path_filestat_get", "iiiii", PathFunctions.StatusGet, Kernel),
        Function("path_filestat_set_times", "iiiiIIi", PathFunctions.SetTimes, Kernel),
        Function("path_link", "iiiiiii", PathFunctions.Link, Kernel),
        Function("path_open", "iiiiiIIii", OpenFunction.Open, Kernel),
        Function("path_readlink", "iiiiii", PathFunctions.ReadLink, Kernel),
        Function("path_remove_directory", "iii", PathFunctions.RemoveDirectory, Kernel),
        Function("path_rename", "iiiiii", PathFunctions.Rename, Kernel),
        Function("path_symlink", "iiiii", PathFunctions.SymbolicLink, Kernel),
        Function("path_unlink_file", "iii", PathFunctions.UnlinkFile, Kernel),
        Function("poll_oneoff", "iiii", PollFunction.Poll, Kernel),
        Function("proc_exit", "i", static (_, in frame) => throw new WasiExit((int)frame.UInt32(0)), Cheap, answers: false),
        Function("proc_raise", "i", static (_, in _) => Errno.NotSupported, Cheap),
        Function("sched_yield", "", static (_, in frame) => Yield(frame), Cheap),
        Function("random_get", "ii", ProcessFunctions.RandomGet, Cheap),
        Function("sock_accept", "iii", DescriptorFunctions.Socket, Cheap),
        Function("sock_recv", "iiiiii", DescriptorFunctions.Socket, Cheap),
        Function("sock_send", "iiiii", DescriptorFunctions.Socket, Cheap),
        Function("sock_shutdown", "ii", DescriptorFunctions.Socket, Cheap),
    ];

    private static Errno Yield(in GuestFrame frame)
    {
        frame.Call.ThrowIfStopped();
        return Errno.Success;
    }

    /// <summary>Parameters are written i for i32 and I for i64.</summary>
    private static (string Name, WasmFunctionType Type, WasiBody Body, int Cost) Function(
        string name, string parameters, WasiBody body, int cost, bool answers = true) =>
        (name, new(
            [.. parameters.Select(static letter => letter == 'i' ? WasmValueType.I32 : WasmValueType.I64)],
            answers ? [WasmValueType.I32] : []), body, cost);
}
