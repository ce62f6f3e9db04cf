namespace Sirsi.Clouds;

/// <summary>A cloud provider we know the resources and prices of.</summary>
public enum Cloud
{
    /// <summary>None of the three: a helper such as a random value, or a provider we do not read.</summary>
    Other,

    /// <summary>Amazon Web Services.</summary>
    Aws,

    /// <summary>Microsoft Azure.</summary>
    Azure,

    /// <summary>Google Cloud.</summary>
    Gcp,
}

/// <summary>The names of clouds in files, flags and tables.</summary>
public static class CloudNames
{
    /// <summary>The lower-case word used in files and flags: <c>aws</c>, <c>azure</c>, <c>gcp</c>, <c>other</c>.</summary>
    public static string Word(this Cloud cloud) => cloud switch
    {
        Cloud.Aws => "aws",
        Cloud.Azure => "azure",
        Cloud.Gcp => "gcp",
        _ => "other",
    };

    /// <summary>The name for people: <c>AWS</c>, <c>Azure</c>, <c>Google Cloud</c>.</summary>
    public static string Title(this Cloud cloud) => cloud switch
    {
        Cloud.Aws => "AWS",
        Cloud.Azure => "Azure",
        Cloud.Gcp => "Google Cloud",
        _ => "Other",
    };

    /// <summary>Reads the word written by <see cref="Word"/>; false for any other text.</summary>
    public static bool TryParse(string? word, out Cloud cloud)
    {
        cloud = word switch
        {
            "aws" => Cloud.Aws,
            "azure" => Cloud.Azure,
            "gcp" => Cloud.Gcp,
            _ => Cloud.Other,
        };
        return cloud is not Cloud.Other;
    }
}
