using System.CommandLine;
using System.Globalization;

namespace Sirsi.Cli.Commands;

/// <summary>Bounds of options that are numbers.</summary>
internal static class Ranges
{
    /// <summary>Refuses a number out of bounds; what is no number at all is refused where it is read.</summary>
    public static void Bound<T>(this Option<T> option, Func<T, bool> isWithin, string otherwise)
        where T : IParsable<T> => option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && T.TryParse(token.Value, CultureInfo.InvariantCulture, out T? value) && !isWithin(value)) result.AddError(otherwise);
        });
}
