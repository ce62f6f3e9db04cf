using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Sirsi.Bus.Messages;
using Sirsi.Bus.Schemas.Evolution;

namespace Sirsi.Bus.Tests.Schemas;

/// <summary>
/// The contract in proto/sirsi/v1, held against the last accepted one. SIRSI_ACCEPT=1 accepts what has been added; what breaks is
/// never accepted.
/// </summary>
[Collection(nameof(SchemaCollection))]
public sealed class ContractTests
{
    public static TheoryData<string> Files => ["events", "envelope"];

    [Theory, MemberData(nameof(Files))]
    public void The_contract_only_grows(string name)
    {
        FileDescriptor now = name == "events" ? EventsReflection.Descriptor : EnvelopeReflection.Descriptor;
        string path = Path.Combine(Repository.Root, "tests", "Bus.Tests", "Schemas", "accepted", name + ".bin");
        bool isAccepting = Environment.GetEnvironmentVariable("SIRSI_ACCEPT") == "1";
        if (isAccepting && !File.Exists(path)) Write(path, now);
        FileDescriptor accepted = FileDescriptor.BuildFromByteStrings([ByteString.CopyFrom(File.ReadAllBytes(path))])[0];
        SchemaDifference[] differences = [.. accepted.MessageTypes.SelectMany(message => Differences(message, now))];
        string[] breaking = [.. differences.Where(static d => d.Impact != SchemaImpact.Compatible).Select(static d => d.ToString())];
        Assert.True(breaking.Length == 0, "This needs a package sirsi.v2:\n" + string.Join('\n', breaking));
        if (isAccepting) Write(path, now);
        Assert.True(now.SerializedData.Span.SequenceEqual(File.ReadAllBytes(path)),
            $"{name}.proto differs from the accepted one (SIRSI_ACCEPT=1 ./test --fast Contract accepts it):\n" + string.Join('\n', differences.AsEnumerable()));
    }

    [Theory, MemberData(nameof(Files))]
    public void Every_message_field_and_value_of_the_contract_is_commented(string name)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Repository.Root, "proto", "sirsi", "v1", name + ".proto"));
        string[] bare = [.. lines.Zip(lines.Skip(1)).Where(static pair => IsDeclaration(pair.Second.Trim()) && !pair.First.TrimStart().StartsWith("//", StringComparison.Ordinal))
            .Select(static pair => pair.Second)];
        Assert.Empty(bare);
        Assert.Contains(lines, static line => IsDeclaration(line.Trim()));
    }

    private static bool IsDeclaration(string line) =>
        line.StartsWith("message ", StringComparison.Ordinal) || line.StartsWith("enum ", StringComparison.Ordinal)
        || line.StartsWith("oneof ", StringComparison.Ordinal)
        || (line.Contains(" = ", StringComparison.Ordinal) && line.EndsWith(';') && line.Any(char.IsDigit) && !line.StartsWith("option", StringComparison.Ordinal));

    private static ImmutableArray<SchemaDifference> Differences(MessageDescriptor accepted, FileDescriptor now) =>
        now.FindTypeByName<MessageDescriptor>(accepted.Name) is { } message
            ? SchemaEvolution.Compare(accepted, message)
            : [new SchemaDifference(accepted.FullName, SchemaImpact.Breaking, "is removed")];

    private static void Write(string path, FileDescriptor file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, file.SerializedData.ToByteArray());
    }
}
