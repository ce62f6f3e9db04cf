using Google.Protobuf.Reflection;

namespace Sirsi.Bus.Schemas;

/// <summary>One version of a schema.</summary>
/// <param name="Name">What events call it, usually the full name of its message; case matters.</param>
/// <param name="Version">From 1.</param>
/// <param name="Descriptor">The message.</param>
public sealed record RegisteredSchema(string Name, int Version, MessageDescriptor Descriptor);
