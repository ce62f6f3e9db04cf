using Sirsi.Clouds.Estates;
using Sirsi.Migration.Planning;

namespace Sirsi.Migration.Tests.Planning;

public sealed class TimesTableTests
{
    [Fact]
    public void Every_kind_of_the_vocabulary_has_times_and_no_other() =>
        Assert.Equal(Vocabulary.Kinds.Order(StringComparer.Ordinal), KindTimes.Kinds.Order(StringComparer.Ordinal));

    [Fact]
    public void Kinds_whose_data_moves_are_copied_and_kinds_that_are_rebuilt_are_not()
    {
        foreach ((string kind, string moves) in Vocabulary.Moves)
        {
            bool copied = KindTimes.Of(new ResourceKind(kind)).SizeFacts is not null;
            bool isSmall = kind is "storage.object" or "database.schema" or "secret" or "parameter";
            if (moves is "image" or "data" && !isSmall) Assert.True(copied, kind);
            if (moves is "rebuild" or "none") Assert.False(copied, kind);
        }
    }

    [Fact]
    public void Every_relation_has_a_rule() =>
        Assert.All(Enum.GetValues<RelationKind>(), static kind => Assert.InRange(DependencyRule.Of(kind).Hardness, 1, 5));

    [Fact]
    public void A_kind_out_of_the_vocabulary_has_the_times_of_an_unknown_one() =>
        Assert.Same(KindTimes.Of(ResourceKind.Unknown), KindTimes.Of(new ResourceKind("no.such")));
}
