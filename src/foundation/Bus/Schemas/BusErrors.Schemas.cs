using Sirsi.Core.Errors;

namespace Sirsi.Bus;

/// <content>Schemas: 1520 to 1539.</content>
public static partial class BusErrors
{
    /// <summary>An event names a schema, or a version of one, that nobody registered.</summary>
    public static ErrorCode SchemaUnknown { get; } = new(
        1520, "Event names a schema that is not registered", "Correct the name or version, or register the schema before publishing.");

    /// <summary>The bytes of an event are not the message its schema describes.</summary>
    public static ErrorCode PayloadMalformed { get; } = new(
        1521, "Payload does not fit its schema", "Serialize the payload with the schema and version that the event names.");

    /// <summary>The payload is larger or nested deeper than the registry allows.</summary>
    public static ErrorCode PayloadBeyondLimit { get; } = new(
        1522, "Payload exceeds a limit of the schema registry", "Make the payload smaller or flatter, or raise the limit it exceeds.");

    /// <summary>A new version of a schema cannot be read by those who know the old one, or the other way round.</summary>
    public static ErrorCode SchemaIncompatible { get; } = new(
        1523, "New version of a schema breaks another version", "Mend every point listed, or publish the schema under a new name.");

    /// <summary>A descriptor set cannot be read, or lacks the message asked for.</summary>
    public static ErrorCode SchemaUnreadable { get; } = new(
        1524, "Descriptor of a schema cannot be read", "Write the set anew with protoc --include_imports --descriptor_set_out, and name a message it holds.");

    /// <summary>The name and version belong to somebody else.</summary>
    public static ErrorCode SchemaNameTaken { get; } = new(
        1525, "Name of a schema cannot be registered", "Choose a name that nobody has and that does not begin with sirsi., or the next version.");

    /// <summary>There are more schemas, or larger ones, than the registry allows.</summary>
    public static ErrorCode SchemaBeyondLimit { get; } = new(
        1526, "Schema exceeds a limit of the schema registry", "Register fewer or smaller schemas, or raise the limit it exceeds.");
}
