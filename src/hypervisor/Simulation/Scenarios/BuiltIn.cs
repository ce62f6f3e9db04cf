using System.Collections.Immutable;

namespace Sirsi.Simulation.Scenarios;

/// <summary>The scenarios that come with the kit: each holds the host to a promise of its guide.</summary>
public static class BuiltIn
{
    /// <summary>All of them, in the order in which seeds are given to them.</summary>
    public static ImmutableArray<ScenarioType> All { get; } =
    [
        new("transfers", "Messages: nothing acknowledged is lost or done twice, and each pair keeps its order.", static () => new Transfers()),
        new("graphs", "Tasks: each ends once and pays once, after what it waits for, and never runs twice at once.", static () => new Graphs()),
        new("journeys", "Workflows: a saga is done whole or undone whole, each part once and in order.", static () => new Journeys()),
        new("purchases", "Steps: an effect has one key, and what must not be asked for twice is not.", static () => new Purchases()),
        new("reports", "Events: what a turn promised is published under one id, and nothing else.", static () => new Reports()),
        new("spenders", "Budgets: what is spent never exceeds them.", static () => new Spenders()),
        new("counters", "The context: no write is lost, and versions have no gaps.", static () => new Counters()),
        new("calendars", "Schedules: each occurrence has one task, and after it comes the next.", static () => new Calendars()),
        new("permits", "Capabilities: what was taken away is not used any more.", static () => new Permits()),
        new("shares", "Fairness: a tenant that floods the host takes nobody's turn.", static () => new Shares()),
        new("guests", "WebAssembly agents: a trap undoes its turn and nothing else.", static () => new GuestCounters()),
    ];

    /// <summary>The one of a name; null when there is none.</summary>
    public static ScenarioType? Find(string name) => All.FirstOrDefault(scenario => scenario.Name == name);
}
