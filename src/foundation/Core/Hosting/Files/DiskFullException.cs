namespace Sirsi.Core.Hosting;

/// <summary>A file could not grow because the disk, or its owner's quota, is used up. Unlike other failures it passes when room is made.</summary>
public sealed class DiskFullException : IOException
{
    private const int LinuxNoSpace = 28;
    private const int LinuxQuota = 122;
    private const int MacQuota = 69;
    private const int WindowsDiskFull = unchecked((int)0x8007_0070);
    private const int WindowsHandleDiskFull = unchecked((int)0x8007_0027);

    /// <summary>Fails with what could not be written and the failure the system gave, if it gave one.</summary>
    public DiskFullException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }

    /// <summary>Whether a number of the operating system's (errno, or HRESULT on Windows) says that there is no room.</summary>
    internal static bool IsFull(int error) =>
        error is LinuxNoSpace or WindowsDiskFull or WindowsHandleDiskFull
        || (OperatingSystem.IsLinux() && error == LinuxQuota) || (OperatingSystem.IsMacOS() && error == MacQuota);
}
