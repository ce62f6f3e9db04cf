namespace Sirsi.Bus.Tests.Schemas;

/// <summary>Run when all else has run: these tests allocate much, and others measure what the whole process allocates.</summary>
[CollectionDefinition(nameof(SchemaCollection), DisableParallelization = true)]
public sealed class SchemaCollection;
