using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sirsi.Wasm.Wasi;

/// <summary>
/// Finds paths below a folder so that neither <c>..</c> nor symbolic links lead out of it, whatever is renamed meanwhile. The kernel does
/// it where it can (<c>openat2</c> with RESOLVE_BENEATH, Linux 5.6); else each component is opened on its own, without following links, and
/// <c>..</c> goes back to the folder that was open before instead of asking the kernel for a parent that may have been moved.
/// </summary>
internal sealed unsafe class FolderWalk
{
    private const int LinksMax = 40;
    private const int DepthMax = 256;
    private const int LinkBytesMax = 4_096;
    private const int RacesMax = 64;

    private bool _kernel;

    /// <summary>A way of walking; <paramref name="allowKernel"/> false keeps to single steps.</summary>
    internal FolderWalk(bool allowKernel) => _kernel = allowKernel;

    /// <summary>Opens what a path names. Paths are zero-terminated.</summary>
    internal Errno Open(int root, byte[] path, int flags, uint mode, bool follow, out SafeFileHandle? opened)
    {
        opened = null;
        if (!follow) flags |= Posix.NoFollow;
        flags |= Posix.CloseOnExec;
        if (path[0] == (byte)'/') return Errno.NotPermitted;
        if (_kernel && TryOpenByKernel(root, path, flags, mode, out Errno answer, out opened)) return answer;
        Errno error = Walk(root, path, follow && (flags & (Posix.Create | Posix.Exclusive)) != (Posix.Create | Posix.Exclusive), out Place? place);
        if (place is null) return error;
        using (place)
        {
            if (place.MustBeFolder) flags |= Posix.Directory;
            fixed (byte* name = place.Name) return Owned(Posix.OpenAt(place.Folder, name, flags | Posix.NoFollow, mode), out opened);
        }
    }

    /// <summary>Finds the folder a path's last component lies in; that itself need not exist, and is not followed.</summary>
    internal Errno FindParent(int root, byte[] path, out Place? place)
    {
        place = null;
        if (path[0] == (byte)'/') return Errno.NotPermitted;
        int end = path.Length - 1;
        while (end > 0 && path[end - 1] == (byte)'/') end--;
        int start = path.AsSpan(0, end).LastIndexOf((byte)'/') + 1;
        ReadOnlySpan<byte> name = path.AsSpan(start, end - start);
        bool slash = end != path.Length - 1;
        bool dots = name.SequenceEqual("."u8) || name.SequenceEqual(".."u8);
        if (start == 0 && !dots)
        {
            place = new(null, root, [.. name, 0], slash);
            return Errno.Success;
        }

        byte[] folder = dots ? path : [.. path.AsSpan(0, start), 0];
        Errno error = Open(root, folder, Posix.PathOnly | Posix.Directory, 0, follow: true, out SafeFileHandle? opened);
        if (opened is null) return error;
        place = new(opened, Descriptor(opened), dots ? [(byte)'.', 0] : [.. name, 0], slash);
        return Errno.Success;
    }

    /// <summary>Finds what a path names in the end: all links are followed, and the last component found is none.</summary>
    internal static Errno FindTarget(int root, byte[] path, out Place? place)
    {
        place = null;
        return path[0] == (byte)'/' ? Errno.NotPermitted : Walk(root, path, follow: true, out place);
    }

    internal static int Descriptor(SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    private static Errno Owned(int descriptor, out SafeFileHandle? handle)
    {
        handle = descriptor < 0 ? null : new(descriptor, ownsHandle: true);
        return descriptor < 0 ? Posix.LastError() : Errno.Success;
    }

    /// <summary>False when the kernel does not have the call.</summary>
    private bool TryOpenByKernel(int root, byte[] path, int flags, uint mode, out Errno answer, out SafeFileHandle? opened)
    {
        for (int race = 0; ; race++)
        {
            int descriptor;
            fixed (byte* text = path) descriptor = Posix.OpenBelow(root, text, flags, (flags & Posix.Create) != 0 ? mode : 0);
            answer = Owned(descriptor, out opened);
            if (descriptor >= 0) return true;
            switch (Marshal.GetLastPInvokeError())
            {
                case PosixErrors.Interrupted:
                case PosixErrors.Again when race < RacesMax:
                    continue;
                case PosixErrors.CrossDevice:
                    answer = Errno.NotPermitted;
                    return true;
                case PosixErrors.NotImplemented or PosixErrors.NotPermitted or PosixErrors.TooBig:
                    // A sandbox around the process may refuse the call; the walk tells whether the file itself is what is not permitted.
                    _kernel = Marshal.GetLastPInvokeError() == PosixErrors.NotPermitted && _kernel;
                    return false;
                default:
                    return true;
            }
        }
    }

    private static Errno Walk(int root, byte[] path, bool follow, out Place? place)
    {
        var folders = new Stack<SafeFileHandle>();
        var components = new Stack<byte[]>();
        bool mustBeFolder = Push(components, path.AsSpan(0, path.Length - 1));
        byte[] name = [(byte)'.', 0];
        Errno error = Errno.Success;
        int links = 0;
        try
        {
            while (error == Errno.Success && components.TryPop(out byte[]? component))
            {
                name = component;
                if (component.AsSpan().SequenceEqual(".\0"u8)) continue;
                if (component.AsSpan().SequenceEqual("..\0"u8))
                {
                    name = [(byte)'.', 0];
                    if (folders.TryPop(out SafeFileHandle? left)) left.Dispose();
                    else error = Errno.NotPermitted;
                    continue;
                }

                bool last = components.Count == 0;
                if (last && !follow && !mustBeFolder) break;
                error = Step(root, folders, components, component, last, ref links, ref mustBeFolder);
            }

            place = error == Errno.Success ? Arrive(root, folders, name, mustBeFolder) : null;
            return error;
        }
        finally
        {
            foreach (SafeFileHandle folder in folders) folder.Dispose();
        }
    }

    /// <summary>Goes into a folder, or puts what a link says in its place; the last component is looked at, and not gone into.</summary>
    private static Errno Step(
        int root, Stack<SafeFileHandle> folders, Stack<byte[]> components, byte[] component, bool last, ref int links, ref bool mustBeFolder)
    {
        int current = folders.TryPeek(out SafeFileHandle? top) ? Descriptor(top) : root;
        SafeFileHandle? next;
        Errno error;
        fixed (byte* text = component)
            error = Owned(Posix.OpenAt(current, text, Posix.PathOnly | Posix.NoFollow | Posix.CloseOnExec, 0), out next);
        if (next is null) return last && error == Errno.NoEntry ? Errno.Success : error;
        error = Posix.Status(Descriptor(next), out FileStatus status);
        if (error == Errno.Success && status.Type == FileType.Directory && !last)
        {
            if (folders.Count == DepthMax) error = Errno.NameTooLong;
            else
            {
                folders.Push(next);
                return Errno.Success;
            }
        }

        using (next)
        {
            if (error != Errno.Success) return error;
            if (status.Type != FileType.SymbolicLink) return last ? Errno.Success : Errno.NotDirectory;
            if (++links > LinksMax) return Errno.Loop;
            Span<byte> target = stackalloc byte[LinkBytesMax];
            byte empty = 0;
            nint length;
            fixed (byte* into = target) length = Posix.ReadLink(Descriptor(next), &empty, into, LinkBytesMax);
            if (length < 0) return Posix.LastError();
            if (length == 0 || target[0] == (byte)'/' || length == LinkBytesMax) return Errno.NotPermitted;
            if (components.Count > 2 * LinkBytesMax) return Errno.NameTooLong;
            bool slash = Push(components, target[..(int)length]);
            mustBeFolder |= last && slash;
            return Errno.Success;
        }
    }

    private static Place Arrive(int root, Stack<SafeFileHandle> folders, byte[] name, bool mustBeFolder) =>
        folders.TryPop(out SafeFileHandle? folder)
            ? new(folder, Descriptor(folder), name, mustBeFolder)
            : new(null, root, name, mustBeFolder);

    /// <summary>Puts components on the stack, the first on top; true when the path ended with a slash.</summary>
    private static bool Push(Stack<byte[]> components, ReadOnlySpan<byte> path)
    {
        bool slash = path[^1] == (byte)'/';
        while (path.Length > 0)
        {
            int start = path.LastIndexOf((byte)'/') + 1;
            if (start < path.Length) components.Push([.. path[start..], 0]);
            path = path[..Math.Max(0, start - 1)];
        }

        return slash;
    }
}
