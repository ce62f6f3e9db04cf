using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Sirsi.Core.Cryptography;
using Sirsi.Core.Documents;
using Sirsi.Core.Errors;
using Sirsi.Core.Plugins;
using Sirsi.Hypervisor.Capabilities;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <summary>Reads one manifest.</summary>
internal sealed partial class ManifestReader(string source)
{
    private const int SignatureBytes = 64;
    private const int VersionLengthMax = 64;
    private const int ItemsMax = 100;
    private const int DepthMax = 8;
    private const string NameRule = "it is 1 to 64 lower-case letters, digits, '-', '_' and '.', beginning with a letter";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<Diagnostic> _problems = [];

    /// <summary>The members of a manifest, in the order they are best written.</summary>
    public static ImmutableArray<string> Known { get; } =
    [
        "schema", "name", "version", "description", "agentType", "entry", "capabilities", "limits", "network", "configuration", "stateVersion", "publisher", "digest", "signature",
    ];

    /// <summary>The members of <c>limits</c>.</summary>
    public static ImmutableArray<string> KnownLimits { get; } = ["memoryMiB", "fuelPerTurn", "deadlineSeconds", "instances"];

    /// <summary>The members of one request of <c>capabilities</c>.</summary>
    public static ImmutableArray<string> KnownOfCapability { get; } = ["capability", "reason"];

    /// <summary>The members of one value of <c>configuration</c>.</summary>
    public static ImmutableArray<string> KnownOfValue { get; } = ["type", "default", "required", "description"];

    public ManifestResult Read(ReadOnlyMemory<byte> yaml)
    {
        ModuleManifest? manifest = Text(yaml) is { } text && Root(text) is { } root ? Read(root) : null;
        ImmutableArray<Diagnostic> problems = [.. _problems.OrderBy(static problem => (problem.Position!.Value.Line, problem.Position.Value.Column))];
        return new ManifestResult(problems.IsEmpty ? manifest : null, problems);
    }

    private string? Text(ReadOnlyMemory<byte> yaml)
    {
        if (yaml.Length > ModuleManifest.BytesMax)
        {
            Tell(Mark.Empty, $"it is larger than {ModuleManifest.BytesMax >> 10} KiB");
            return null;
        }

        try
        {
            return StrictUtf8.GetString(yaml.Span);
        }
        catch (DecoderFallbackException)
        {
            Tell(Mark.Empty, "it is not UTF-8");
            return null;
        }
    }

    private YamlMappingNode? Root(string text)
    {
        YamlMappingNode? root = PlainYaml.ReadMapping(text, source, DepthMax, out string reason, out SourcePosition at);
        if (root is null) _problems.Add(new Diagnostic(HypervisorErrors.ModuleManifestInvalid, DiagnosticSeverity.Error, reason, at));
        return root;
    }

    private ModuleManifest? Read(YamlMappingNode mapping)
    {
        var root = new ManifestMembers(mapping, source, _problems, Known);
        string schema = root.Text("schema");
        if (schema.Length > 0 && schema != ModuleManifest.Schema) root.Tell("schema", $"the schema is '{schema}'; this program reads {ModuleManifest.Schema}");
        string name = root.Text("name", Name().IsMatch, NameRule);
        string agentType = root.Text("agentType", Name().IsMatch, NameRule, fallback: name);
        string version = root.Text("version", static text => text.Length <= VersionLengthMax && SemanticVersion.TryParse(text, out _),
            $"it looks like 1.2.3 or 1.2.3-beta.1, at most {VersionLengthMax} letters");
        string entry = root.Text("entry", IsInside, "it is a path inside the folder, with '/' between its parts and no part that begins with '.'");
        string digest = root.Text("digest", static text => Sha256.TryParse(text, out _), "it is sha256: and 64 lower-case hexadecimal digits", fallback: "");
        string publisher = root.Text("publisher", Name().IsMatch, NameRule, fallback: "");
        byte[] signature = Signature(root);
        if (signature.Length > 0)
            foreach (string needed in (string[])["publisher", "digest"])
                if (!root.Has(needed)) root.Tell("signature", $"a signed manifest needs '{needed}'");
        string description = root.Text("description", fallback: "");
        ImmutableArray<CapabilityRequest> capabilities = Capabilities(root);
        ManifestLimits limits = Limits(root);
        ImmutableArray<string> network = Network(root);
        var configuration = Configuration(root);
        int stateVersion = (int)root.Number("stateVersion", 1, 1, int.MaxValue);
        if (_problems.Count > 0) return null;
        return new ModuleManifest
        {
            Name = name,
            Version = SemanticVersion.Parse(version),
            Description = description,
            AgentType = agentType,
            Entry = entry,
            Digest = Sha256.TryParse(digest, out Sha256 known) ? known : null,
            Publisher = publisher,
            Signature = signature,
            Capabilities = capabilities,
            Limits = limits,
            Network = network,
            Configuration = configuration,
            StateVersion = stateVersion,
            SignedText = ModuleSignature.TextOf(name, version, digest, mapping),
        };
    }

    private static byte[] Signature(ManifestMembers root)
    {
        string text = root.Text("signature", static text => TryDecode(text, out _), "it is 64 bytes in base64url", fallback: "");
        return TryDecode(text, out byte[] signature) ? signature : [];
    }

    private static bool TryDecode(string text, out byte[] signature)
    {
        signature = new byte[SignatureBytes];
        return Base64Url.IsValid(text, out int length) && length == SignatureBytes && Base64Url.TryDecodeFromChars(text, signature, out _)
            && Base64Url.EncodeToString(signature) == text;
    }

    private static ImmutableArray<CapabilityRequest> Capabilities(ManifestMembers root)
    {
        var requests = ImmutableArray.CreateBuilder<CapabilityRequest>();
        foreach (YamlNode node in Bounded(root, "capabilities", root.List("capabilities")))
        {
            if (root.Of(node, "a capability asked for", KnownOfCapability) is not { } item) continue;
            string text = item.Text("capability"), reason = item.Text("reason");
            if (text.Length == 0) continue;
            if (!Capability.TryParse(text, out Capability? capability, out string? problem)) item.Tell("capability", problem.TrimEnd('.'));
            else if (requests.Any(other => other.Capability.Equals(capability))) item.Tell("capability", $"'{capability}' is asked for twice");
            else requests.Add(new CapabilityRequest(capability, reason));
        }

        return requests.ToImmutable();
    }

    private static ManifestLimits Limits(ManifestMembers root)
    {
        var usual = new ManifestLimits();
        return root.Mapping("limits", KnownLimits) is not { } limits ? usual : new ManifestLimits(
            (int)limits.Number("memoryMiB", usual.MemoryMiB, 1, 4_096),
            limits.Number("fuelPerTurn", usual.FuelPerTurn, 1, long.MaxValue),
            (int)limits.Number("deadlineSeconds", usual.DeadlineSeconds, 1, 86_400),
            (int)limits.Number("instances", usual.Instances, 1, 1_000_000));
    }

    private static ImmutableArray<string> Network(ManifestMembers root)
    {
        var hosts = ImmutableArray.CreateBuilder<string>();
        foreach (YamlNode node in Bounded(root, "network", root.List("network")))
        {
            if (node is YamlScalarNode { Value: { } host } && Host().IsMatch(host)) hosts.Add(host);
            else root.Tell(node, "a host is a name such as api.example.com or *.example.com, in lower case and without a scheme or a path");
        }

        return hosts.ToImmutable();
    }

    private static ImmutableSortedDictionary<string, ConfigurationEntry> Configuration(ManifestMembers root)
    {
        var entries = ImmutableSortedDictionary.CreateBuilder<string, ConfigurationEntry>(StringComparer.Ordinal);
        if (root.Mapping("configuration", known: null) is not { } values) return entries.ToImmutable();
        foreach (string name in Bounded(root, "configuration", values.Names))
        {
            if (!ValueName().IsMatch(name)) values.TellName(name, $"'{name}' is no name of a value: it is 1 to 64 letters, digits, '-', '_' and '.', beginning with a letter");
            if (values.Mapping(name, KnownOfValue) is not { } value) continue;
            string word = value.Text("type");
            if (!TryType(word, out ConfigurationType type) && word.Length > 0) value.Tell("type", $"'{word}' is none of text, integer, number, boolean, secret");
            string? standard = value.Has("default") ? value.Text("default", "") : null;
            var entry = new ConfigurationEntry(type, standard, value.Flag("required"), value.Text("description", fallback: ""));
            if (standard is { Length: > 0 } && !entry.Fits(standard)) value.Tell("default", type is ConfigurationType.Secret ? "the default is no reference to a secret: it is secret:NAME" : $"'{standard}' is no {word}");
            entries[name] = entry;
        }

        return entries.ToImmutable();
    }

    private static IEnumerable<T> Bounded<T>(ManifestMembers root, string name, IEnumerable<T> items)
    {
        T[] all = [.. items];
        if (all.Length > ItemsMax) root.Tell(name, $"'{name}' has {all.Length} items; {ItemsMax} are allowed");
        return all.Take(ItemsMax);
    }

    private static bool TryType(string word, out ConfigurationType type)
    {
        type = word switch
        {
            "integer" => ConfigurationType.Integer,
            "number" => ConfigurationType.Number,
            "boolean" => ConfigurationType.Boolean,
            "secret" => ConfigurationType.Secret,
            _ => ConfigurationType.Text,
        };
        return word is "text" or "integer" or "number" or "boolean" or "secret";
    }

    private static bool IsInside(string path) => path.Length <= 200 && path.Split('/').All(static part => EntryPart().IsMatch(part));

    private void Tell(Mark at, string message) => _problems.Add(ManifestMembers.Problem(source, at, message));

    [GeneratedRegex("^[a-z][a-z0-9._-]{0,63}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Name();

    [GeneratedRegex("^[A-Za-z0-9_-][A-Za-z0-9._-]*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex EntryPart();

    [GeneratedRegex(@"^(\*|(\*\.)?[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Host();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9._-]{0,63}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex ValueName();
}
