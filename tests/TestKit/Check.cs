using Xunit.Sdk;

namespace Sirsi.TestKit;

/// <summary>Property checks: a law is tried on many cases drawn from seeded random numbers.</summary>
public static class Check
{
    /// <summary>
    /// Runs <paramref name="law"/> <paramref name="runs"/> times, each with its own generator seeded from
    /// <paramref name="seed"/> and the run's number. A failing run is reported with the seed that repeats it alone:
    /// <c>Check.Again(caseSeed, law)</c>.
    /// </summary>
    public static void That(int seed, int runs, Action<Random> law)
    {
        for (int run = 0; run < runs; run++)
        {
            int caseSeed = unchecked((seed * 1_000_003) + run);
            try
            {
                law(new Random(caseSeed));
            }
            catch (Exception failure) when (failure is not Xunit.Sdk.SkipException)
            {
                throw new XunitException($"The law fails in run {run} of {runs}; repeat it with Check.Again({caseSeed}, …).", failure);
            }
        }
    }

    /// <summary>Runs <paramref name="law"/> once on the case that <see cref="That"/> reported.</summary>
    public static void Again(int caseSeed, Action<Random> law) => law(new Random(caseSeed));
}
