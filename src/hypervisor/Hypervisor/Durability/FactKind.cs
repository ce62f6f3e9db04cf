namespace Sirsi.Hypervisor.Durability;

/// <summary>What a fact says. The numbers are on disks: none changes its meaning (docs/agent-journal.md has each one's layout).</summary>
internal enum FactKind : byte
{
    None = 0,
    SessionOpened = 1,
    SessionExtended = 2,
    SessionClosed = 3,
    AgentSpawned = 4,
    AgentEnded = 5,
    AgentHeld = 6,
    AgentReleased = 7,
    VariableSet = 8,
    VariableRemoved = 9,
    MessageAccepted = 10,
    MessageHandled = 11,
    MessageSetAside = 12,
    ScheduleSet = 13,
    ScheduleMoved = 14,
    ScheduleEnded = 15,
    StepBegun = 16,
    StepSettled = 17,
    StepForgotten = 18,
    KeySeen = 19,
    ApprovalAsked = 20,
    ApprovalAnswered = 21,
    CapabilityGranted = 22,
    CapabilitiesExpire = 23,
    CapabilityRevoked = 24,
    SessionCapability = 25,
    CheckpointBegun = 30,
    CheckpointEnded = 31,
}
