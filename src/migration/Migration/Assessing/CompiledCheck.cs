using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Expressions;

namespace Sirsi.Migration.Assessing;

/// <summary>A check with its condition read and the derived facts it needs known.</summary>
internal sealed class CompiledCheck(Check check, Expression condition)
{
    private readonly int _clouds = check.Clouds.Aggregate(
        0, static (bits, word) => CloudNames.TryParse(word, out Cloud cloud) ? bits | (1 << (int)cloud) : bits);

    public Check Check { get; } = check;

    public DerivedFactSet Needs { get; } = DerivedFacts.NeededBy(condition.References);

    public bool AppliesTo(Cloud cloud) => (_clouds & (1 << (int)cloud)) != 0;

    public bool Fails(AttributeMap facts, AttributeMap derived) => condition.IsTrue(facts, derived);

    public string EvidenceOf(AttributeMap facts, AttributeMap derived) => Evidence.Of(condition, facts, derived);
}
