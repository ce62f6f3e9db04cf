namespace Sirsi.Bus.Events;

/// <summary>The field numbers of <c>sirsi.v1.Event</c> (<c>proto/sirsi/v1/envelope.proto</c>), in the order they are written.</summary>
internal enum EventField
{
    Id = 1,
    Tenant = 2,
    Project = 3,
    Subject = 4,
    Key = 5,
    Priority = 6,
    TimeMicroseconds = 7,
    Schema = 8,
    SchemaVersion = 9,
    Payload = 10,
    Session = 11,
    SourceAgent = 12,
    TargetAgent = 13,
    Correlation = 14,
    Causation = 15,
    TraceParent = 16,
    TraceState = 17,
    Header = 18,
}
