using System.Text;

namespace Sirsi.CrashWriter;

/// <summary>Standard output, a write for each text: what has been written is in the pipe when the process is killed.</summary>
internal static class Told
{
    private static readonly Stream Output = Console.OpenStandardOutput();
    private static readonly Lock Printing = new();

    public static void Line(string line) => Lines(line + "\n");

    /// <summary>Several lines, each with its end.</summary>
    public static void Lines(string lines)
    {
        lock (Printing) Output.Write(Encoding.ASCII.GetBytes(lines));
    }
}
