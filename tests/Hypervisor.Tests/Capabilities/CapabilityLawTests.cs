using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Capabilities;

namespace Sirsi.Hypervisor.Tests.Capabilities;

/// <summary>What holds of all capabilities, tried on small alphabets where every subject can be listed.</summary>
public sealed class CapabilityLawTests
{
    // No pattern has the letter 'b', so what a '*' stands for is never one of the pattern's own letters only.
    private static readonly char[] OfPatterns = ['a', 'A', '.', '/', '*', '*'];
    private static readonly string[] Subjects = [.. AllSubjects("aAb./", lengthMax: 5)];

    [Fact]
    public void One_capability_covers_another_exactly_when_it_allows_all_that_the_other_allows() =>
        Check.That(seed: 71, runs: 4_000, static random =>
        {
            if (Drawn(random) is not { } wide || Drawn(random) is not { } narrow) return;
            bool allowsAll = Subjects.All(subject => !narrow.Allows("x", subject) || wide.Allows("x", subject));
            Assert.True(allowsAll == wide.Covers(narrow), $"{wide} covers {narrow}: {wide.Covers(narrow)}, by its subjects {allowsAll}");
        });

    [Fact]
    public void What_a_child_may_its_parent_may_whatever_is_revoked_renewed_or_expires() =>
        Check.That(seed: 72, runs: 600, static random =>
        {
            var time = new ManualTime();
            var grants = new List<CapabilityGrant> { CapabilityGrant.CreateRoot("tenant", DrawnSet(random), time) };
            var parents = new Dictionary<CapabilityGrant, CapabilityGrant>();
            for (int step = 0; step < 30; step++)
            {
                CapabilityGrant at = grants[random.Next(grants.Count)];
                switch (random.Next(8))
                {
                    case < 4:
                        CapabilitySet wanted = random.Next(3) == 0 ? at.Capabilities : DrawnSet(random);
                        DateTimeOffset? until = random.Next(2) == 0 ? null : time.GetUtcNow().AddSeconds(random.Next(1, 60));
                        if (at.Derive($"grant {grants.Count}", wanted, until, out _) is not { } child) break;
                        grants.Add(child);
                        parents[child] = at;
                        break;
                    case 4 when random.Next(4) == 0:
                        at.Revoke();
                        break;
                    case 5 when Drawn(random) is { } taken:
                        at.Revoke(taken);
                        break;
                    case 6:
                        at.Renew(random.Next(2) == 0 ? null : time.GetUtcNow().AddSeconds(random.Next(60)));
                        break;
                    default:
                        time.Advance(TimeSpan.FromSeconds(random.Next(10)));
                        break;
                }

                foreach ((CapabilityGrant child, CapabilityGrant parent) in parents)
                {
                    string subject = Subjects[random.Next(Subjects.Length)];
                    Assert.True(!child.Allows("x", subject) || parent.Allows("x", subject), $"{child.Holder} may '{subject}', {parent.Holder} not");
                }
            }
        });

    [Fact]
    public void A_grant_is_derived_exactly_when_one_capability_of_the_parent_covers_each_that_is_wanted() =>
        Check.That(seed: 73, runs: 2_000, static random =>
        {
            CapabilitySet held = DrawnSet(random), wanted = DrawnSet(random);
            var parent = CapabilityGrant.CreateRoot("parent", held, new ManualTime());
            CapabilityGrant? child = parent.Derive("child", wanted, expiresAt: null, out CapabilityRefusal? refusal);
            Capability? missing = wanted.FirstOrDefault(capability => !held.Any(own => own.Covers(capability)));
            Assert.Equal(missing is null, child is not null);
            if (missing is not null) Assert.Equal(missing.ToString(), refusal!.Asked);
        });

    [Fact]
    public void The_text_of_a_capability_is_read_as_the_same_capability() =>
        Check.That(seed: 74, runs: 2_000, static random =>
        {
            if (Drawn(random) is not { } capability) return;
            Assert.Equal(capability, Capability.Parse(capability.ToString()));
        });

    private static CapabilitySet DrawnSet(Random random) =>
        new(Enumerable.Range(0, random.Next(1, 5)).Select(_ => Drawn(random)).OfType<Capability>());

    private static Capability? Drawn(Random random)
    {
        string scope = new([.. Enumerable.Range(0, random.Next(5)).Select(_ => OfPatterns[random.Next(OfPatterns.Length)])]);
        return Capability.TryParse(scope.Length == 0 ? "x" : "x:" + scope, out Capability? capability, out _) ? capability : null;
    }

    private static IEnumerable<string> AllSubjects(string letters, int lengthMax)
    {
        List<string> level = [""];
        for (int length = 0; ; length++)
        {
            foreach (string subject in level) yield return subject;
            if (length == lengthMax) yield break;
            level = [.. level.SelectMany(subject => letters.Select(letter => subject + letter))];
        }
    }
}
