using Xunit;

namespace Sirsi.TestKit;

/// <summary>
/// Outside data that tests read and the product never needs. It lies in the folder named by <c>SIRSI_TEST_DATA</c>
/// (default: <c>shared</c> beside the repository). A test whose data is missing is skipped with the reason, or fails when
/// <c>SIRSI_REQUIRE_DATA=1</c>.
/// </summary>
public static class TestData
{
    /// <summary>The folder all outside data lies in; it need not exist.</summary>
    public static string Root { get; } =
        Environment.GetEnvironmentVariable("SIRSI_TEST_DATA") is { Length: > 0 } given
            ? Path.GetFullPath(given)
            : Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared"));

    /// <summary>The full path of a file below <see cref="Root"/>; skips or fails the running test when it is absent.</summary>
    public static string File(string relative)
    {
        string path = Path.Combine(Root, relative);
        Require(System.IO.File.Exists(path), path);
        return path;
    }

    /// <summary>The full path of a folder below <see cref="Root"/>; skips or fails the running test when it is absent.</summary>
    public static string Folder(string relative)
    {
        string path = Path.Combine(Root, relative);
        Require(Directory.Exists(path), path);
        return path;
    }

    private static void Require(bool present, string path)
    {
        if (present) return;
        string reason = $"test data {path} is absent (set SIRSI_TEST_DATA to the folder that holds it)";
        if (Environment.GetEnvironmentVariable("SIRSI_REQUIRE_DATA") == "1") Assert.Fail(reason);
        Assert.Skip("skipped: " + reason);
    }
}
