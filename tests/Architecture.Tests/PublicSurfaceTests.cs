using System.Reflection;

namespace Sirsi.Architecture.Tests;

/// <summary>
/// Every public name is a promise, so each library's surface is kept in a committed file and a change of it is seen in review.
/// <c>SIRSI_ACCEPT=1 ./test Surface</c> writes the files anew.
/// </summary>
public sealed class PublicSurfaceTests
{
    public static TheoryData<string> Libraries =>
        [.. Directory.EnumerateFiles(AppContext.BaseDirectory, "Sirsi.*.dll")
            .Select(static file => Path.GetFileNameWithoutExtension(file))
            .Where(static name => !name.EndsWith(".Tests", StringComparison.Ordinal) && name is not ("Sirsi.TestKit" or "Sirsi.Cli"))
            .Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Libraries))]
    public void A_librarys_public_surface_is_the_committed_one(string library)
    {
        string file = Path.Combine(Repository.Root, "tests", "Architecture.Tests", "PublicSurface", library + ".txt");
        string surface = string.Join('\n', PublicSurface.Of(Assembly.Load(library))) + "\n";
        if (Environment.GetEnvironmentVariable("SIRSI_ACCEPT") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, surface);
        }

        string committed = File.Exists(file) ? File.ReadAllText(file) : "";
        Assert.True(surface == committed,
            $"The public surface of {library} is not the committed one (SIRSI_ACCEPT=1 ./test Surface accepts it):\n"
            + string.Join('\n', Difference(committed.Split('\n'), surface.Split('\n'))));
    }

    private static IEnumerable<string> Difference(string[] committed, string[] now) =>
        committed.Except(now, StringComparer.Ordinal).Select(static line => "- " + line)
            .Concat(now.Except(committed, StringComparer.Ordinal).Select(static line => "+ " + line));
}
