using System.Text;

namespace Sirsi.Store;

/// <summary>The rule for names of spaces, leases, queues and keys: 1 to 512 bytes of UTF-8, without NUL.</summary>
internal static class StoreName
{
    public const int BytesMax = 512;

    public static void ThrowIfWrong(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, parameter);
        if (Encoding.UTF8.GetByteCount(name) > BytesMax)
            throw new ArgumentException($"A name has at most {BytesMax} bytes of UTF-8.", parameter);
        if (name.Contains('\0', StringComparison.Ordinal)) throw new ArgumentException("A name holds no NUL.", parameter);
    }
}
