namespace Sirsi.Clouds.Terraform;

/// <summary>How much a Terraform input may ask of us. Every limit is checked before the memory it guards is spent.</summary>
public sealed record TerraformReaderOptions
{
    private readonly long _fileBytesMax = 1L << 30;
    private readonly int _depthMax = 128;
    private readonly int _resourcesMax = 2_000_000;
    private readonly int _relationsPerResourceMax = 1_000;
    private readonly int _targetsPerReferenceMax = 100;
    private readonly int _filesMax = 10_000;

    /// <summary>The limits that suit all but hostile inputs.</summary>
    public static TerraformReaderOptions Default { get; } = new();

    /// <summary>Bytes of one file; at least 1, default 1 GiB.</summary>
    public long FileBytesMax { get => _fileBytesMax; init => _fileBytesMax = AtLeastOne(value, nameof(FileBytesMax)); }

    /// <summary>Levels of nested JSON values, counted from the top of the file; 1 to 1000, default 128.</summary>
    public int DepthMax
    {
        get => _depthMax;
        init
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1000, nameof(DepthMax));
            _depthMax = (int)AtLeastOne(value, nameof(DepthMax));
        }
    }

    /// <summary>Resources of all inputs together; at least 1, default 2,000,000.</summary>
    public int ResourcesMax { get => _resourcesMax; init => _resourcesMax = (int)AtLeastOne(value, nameof(ResourcesMax)); }

    /// <summary>Relations one resource may hold; those beyond are left out with a diagnostic. At least 1, default 1000.</summary>
    public int RelationsPerResourceMax
    {
        get => _relationsPerResourceMax;
        init => _relationsPerResourceMax = (int)AtLeastOne(value, nameof(RelationsPerResourceMax));
    }

    /// <summary>
    /// Instances that one reference without an index (<c>depends_on</c>, an expression of a plan) may fan out to; those beyond are
    /// left out with a diagnostic. At least 1, default 100.
    /// </summary>
    public int TargetsPerReferenceMax
    {
        get => _targetsPerReferenceMax;
        init => _targetsPerReferenceMax = (int)AtLeastOne(value, nameof(TargetsPerReferenceMax));
    }

    /// <summary>Candidate files of one folder; at least 1, default 10,000.</summary>
    public int FilesMax { get => _filesMax; init => _filesMax = (int)AtLeastOne(value, nameof(FilesMax)); }

    private static long AtLeastOne(long value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        return value;
    }
}
