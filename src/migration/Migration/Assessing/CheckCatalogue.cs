using System.Collections.Frozen;
using System.Collections.Immutable;
using Sirsi.Clouds.Estates;
using Sirsi.Core.Errors;

namespace Sirsi.Migration.Assessing;

/// <summary>A set of checks, ready to be evaluated. Immutable and thread-safe.</summary>
public sealed class CheckCatalogue
{
    /// <summary>The largest file of checks that is read, in bytes.</summary>
    public const int FileBytesMax = 1 << 20;

    /// <summary>The most files that are read from one folder.</summary>
    public const int FilesMax = 1_000;

    private const string ResourceFolder = "checks/";

    private static readonly Lazy<CheckCatalogue> EmbeddedChecks = new(ReadEmbedded);

    private readonly ImmutableArray<CompiledCheck> _checks;
    private readonly FrozenDictionary<string, ChecksOfKind> _byKind;

    private CheckCatalogue(ImmutableArray<CompiledCheck> checks)
    {
        _checks = checks.Sort(static (left, right) => string.CompareOrdinal(left.Check.Id, right.Check.Id));
        Checks = [.. _checks.Select(static check => check.Check)];
        _byKind = _checks
            .SelectMany(static check => check.Check.Kinds.Distinct(StringComparer.Ordinal).Select(kind => (Kind: kind, Check: check)))
            .GroupBy(static pair => pair.Kind, static pair => pair.Check, StringComparer.Ordinal)
            .ToFrozenDictionary(static group => group.Key, static group => new ChecksOfKind([.. group]), StringComparer.Ordinal);
    }

    /// <summary>The checks that come with the program.</summary>
    public static CheckCatalogue Embedded => EmbeddedChecks.Value;

    /// <summary>All checks, sorted by id (ordinal).</summary>
    public ImmutableArray<Check> Checks { get; }

    /// <summary>These checks and those of the <c>.yaml</c> and <c>.yml</c> files of a folder (not of folders below it).</summary>
    /// <param name="folder">The folder; files are read in the order of their names.</param>
    /// <returns>The larger catalogue, or every problem of every file; never both.</returns>
    /// <exception cref="MigrationException">The folder or a file cannot be read, or is too large.</exception>
    public CheckCatalogueResult WithFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return With(CheckFolder.Read(folder));
    }

    /// <summary>These checks and those of the given files.</summary>
    /// <param name="files">Name, as shown in problems, and YAML text of each.</param>
    /// <returns>The larger catalogue, or every problem of every file; never both.</returns>
    public CheckCatalogueResult With(IEnumerable<CheckFile> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var problems = new List<Diagnostic>();
        var reader = new CheckReader(FactVocabulary.Embedded, problems);
        reader.Reserve(_checks);
        ImmutableArray<CompiledCheck> added = [.. files.SelectMany(file => reader.Read(file.Text, file.Name))];
        return problems.Count > 0
            ? new CheckCatalogueResult(null, [.. problems])
            : new CheckCatalogueResult(new CheckCatalogue(_checks.AddRange(added)), []);
    }

    /// <summary>The checks for a kind, and the derived facts they need together; null when there are none.</summary>
    internal ChecksOfKind? ForKind(ResourceKind kind) => _byKind.GetValueOrDefault(kind.Name);

    private static CheckCatalogue ReadEmbedded()
    {
        IEnumerable<CheckFile> files = typeof(CheckCatalogue).Assembly.GetManifestResourceNames()
            .Where(static name => name.StartsWith(ResourceFolder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(static name => new CheckFile(name, DataTable.Text(name)));
        CheckCatalogueResult result = new CheckCatalogue([]).With(files);
        return result.Catalogue ?? throw new MigrationException(result.Problems[0].Code, result.Problems[0].ToString());
    }
}

/// <summary>A file of checks.</summary>
/// <param name="Name">How problems name it.</param>
/// <param name="Text">Its YAML.</param>
public sealed record CheckFile(string Name, string Text);

/// <summary>What reading checks gave.</summary>
/// <param name="Catalogue">The catalogue; null when there are problems.</param>
/// <param name="Problems">Every problem found, in the order of files and lines.</param>
public sealed record CheckCatalogueResult(CheckCatalogue? Catalogue, ImmutableArray<Diagnostic> Problems);

/// <summary>The checks that apply to one kind.</summary>
internal sealed class ChecksOfKind(ImmutableArray<CompiledCheck> checks)
{
    public ImmutableArray<CompiledCheck> Checks { get; } = checks;

    public DerivedFactSet Needs { get; } = checks.Aggregate(DerivedFactSet.None, static (needs, check) => needs | check.Needs);
}
