using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Sirsi.Core.Cryptography;
using YamlDotNet.RepresentationModel;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <summary>
/// How publishers sign modules. The signed text is five lines: the schema, the name, the version, the digest of the entry file, and the digest of the manifest in a canonical form (the tree of
/// the YAML text, without the member <c>signature</c>, in bencoding, every scalar as its text). Comments, layout and quotes can change without a new signature; nothing else can.
/// </summary>
public static partial class ModuleSignature
{
    private const string SignatureMember = "signature";

    /// <summary>Puts digest and signature into a manifest; its comments and layout stay.</summary>
    /// <param name="manifest">The text of <c>module.yaml</c>. Its <c>publisher</c> is the one whose key this is.</param>
    /// <param name="source">What the places of problems call it.</param>
    /// <param name="entry">The entry file.</param>
    /// <param name="key">The publisher's private key, Ed25519 or ECDSA P-256.</param>
    /// <returns>The signed text.</returns>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.ModuleManifestInvalid"/>: the manifest has problems, all listed, or names no publisher.</exception>
    public static string Sign(string manifest, string source, ReadOnlySpan<byte> entry, SigningKey key)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(key);
        // An old signature may be the very thing that is wrong.
        string unsigned = Member(SignatureMember).Replace(manifest, "");
        unsigned = With(unsigned, "digest", Sha256.Of(entry).ToString());
        ModuleManifest read = Read(unsigned, source);
        if (read.Publisher.Length == 0) throw new HypervisorException(HypervisorErrors.ModuleManifestInvalid, $"{source}: 'publisher' is missing: it names the key others trust.");
        string signed = With(unsigned, SignatureMember, Base64Url.EncodeToString(key.Sign(read.SignedText)));
        ModuleManifest again = Read(signed, source);
        return IsOf(again, key.VerificationKey) ? signed
            : throw new HypervisorException(HypervisorErrors.ModuleManifestInvalid, $"{source}: it must be written as a block mapping, a member a line, to be signed.");
    }

    /// <summary>Whether a manifest's signature is this key's.</summary>
    public static bool IsOf(ModuleManifest manifest, VerificationKey key)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(key);
        return manifest.IsSigned && key.Verify(manifest.SignedText, manifest.Signature.Span);
    }

    /// <summary>What is signed.</summary>
    internal static byte[] TextOf(string name, string version, string digest, YamlMappingNode manifest)
    {
        using var canonical = new MemoryStream();
        WriteMapping(canonical, manifest.Children.Where(static pair => pair.Key is not YamlScalarNode { Value: SignatureMember }));
        var whole = Sha256.Of(canonical.ToArray());
        return Encoding.UTF8.GetBytes($"{ModuleManifest.Schema}\nname {name}\nversion {version}\nentry {digest}\nmanifest {whole}\n");
    }

    private static ModuleManifest Read(string text, string source)
    {
        ManifestResult result = ModuleManifest.Read(Encoding.UTF8.GetBytes(text), source);
        return result.Manifest ?? throw new HypervisorException(HypervisorErrors.ModuleManifestInvalid, string.Join('\n', result.Problems.Select(static problem => $"{problem.Position}: {problem.Message}")));
    }

    private static string With(string text, string member, string value)
    {
        string line = $"{member}: {value}\n";
        Match found = Member(member).Match(text);
        if (found.Success) return text[..found.Index] + line + text[(found.Index + found.Length)..];
        return text + (text.Length == 0 || text.EndsWith('\n') ? "" : "\n") + line;
    }

    private static Regex Member(string name) => name == SignatureMember ? SignatureLine() : DigestLine();

    private static void Write(Stream output, YamlNode node)
    {
        if (node is YamlMappingNode mapping) WriteMapping(output, mapping.Children);
        else if (node is YamlSequenceNode list)
        {
            output.WriteByte((byte)'l');
            foreach (YamlNode item in list.Children) Write(output, item);
            output.WriteByte((byte)'e');
        }
        else WriteText(output, Encoding.UTF8.GetBytes(((YamlScalarNode)node).Value ?? ""));
    }

    private static void WriteMapping(Stream output, IEnumerable<KeyValuePair<YamlNode, YamlNode>> members)
    {
        output.WriteByte((byte)'d');
        ImmutableArray<(byte[] Name, YamlNode Value)> named = [.. members.Select(static pair => (Encoding.UTF8.GetBytes(pair.Key.ToString()), pair.Value))];
        foreach ((byte[] name, YamlNode value) in named.Sort(static (left, right) => left.Name.AsSpan().SequenceCompareTo(right.Name)))
        {
            WriteText(output, name);
            Write(output, value);
        }

        output.WriteByte((byte)'e');
    }

    private static void WriteText(Stream output, byte[] text)
    {
        output.Write(Encoding.ASCII.GetBytes(text.Length.ToString(CultureInfo.InvariantCulture) + ":"));
        output.Write(text);
    }

    [GeneratedRegex(@"^signature:.*(\n|\z)", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex SignatureLine();

    [GeneratedRegex(@"^digest:.*(\n|\z)", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex DigestLine();
}
