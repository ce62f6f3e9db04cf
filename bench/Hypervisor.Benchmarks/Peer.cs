using System.Diagnostics;
using System.Globalization;

namespace Sirsi.Hypervisor.Benchmarks;

/// <summary>The same work by another program, in a process of its own.</summary>
internal static class Peer
{
    private static readonly string Folder = AppContext.BaseDirectory;

    /// <summary>The numbers that Erlang printed; null when there is no Erlang here.</summary>
    public static double[]? Erlang(string what, int a, int b)
    {
        if (!File.Exists(Path.Combine(Folder, "erlang_peer.beam")) && Start("erlc", "erlang_peer.erl") is null) return null;
        return Numbers("erl", "-noshell", "-run", "erlang_peer", "main", what, a.ToString(CultureInfo.InvariantCulture), b.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The numbers that a program printed, which runs where the peers lie; null when it is not here or failed.</summary>
    public static double[]? Numbers(string program, params string[] arguments) => Start(program, arguments) is { } output
        ? [.. output.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(static text => double.Parse(text, CultureInfo.InvariantCulture))]
        : null;

    private static string? Start(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, UseShellExecute = false })!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
