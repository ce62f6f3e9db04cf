namespace Sirsi.Cli;

internal static class Program
{
    private static int Main(string[] arguments)
    {
        Console.Out.WriteLine("sirsi " + string.Join(' ', arguments));
        return 0;
    }
}
