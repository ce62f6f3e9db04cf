namespace Sirsi.TestKit;

/// <summary>Where the sources under test lie.</summary>
public static class Repository
{
    /// <summary>The folder that holds <c>Sirsi.slnx</c>, found upwards from the running test.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "Sirsi.slnx")))
                return folder.FullName;
        throw new InvalidOperationException($"No Sirsi.slnx above {AppContext.BaseDirectory}.");
    }
}
