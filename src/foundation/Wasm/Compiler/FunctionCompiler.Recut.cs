namespace Sirsi.Wasm.Compiler;

/// <summary>
/// Cuts a function anew by what its pieces have counted: those that ran most become part of the whole again, as many as it has room for. The rest stay
/// the methods they are.
/// </summary>
internal sealed unsafe partial class FunctionCompiler
{
    /// <summary>How often a function is cut anew: what is hot at first need not be what is hot later. The last time counting stops.</summary>
    internal const int RecutsMax = 2;

    /// <summary>Sizes are guessed from those of pieces. If a guess was too low, less is kept.</summary>
    private static readonly int[] PercentsOfRoom = [130, 120, 112, 105, 98, 90, 80];

    /// <summary>The function cut anew; null when it cannot be made small enough.</summary>
    internal static CompiledFunction? CutAnew(WasmModule module, int defined, CompiledFunction before)
    {
        CompiledFunction first = before.First ?? before;
        var scan = BodyScan.Of(module.Content, defined);
        var known = first.Pieces.ToDictionary(static piece => piece.Start);
        bool isFinal = before.Recuts + 1 == RecutsMax;
        foreach (int percent in PercentsOfRoom)
        {
            HashSet<int> kept = Choose(first, MethodSize.Most.Percent(percent));
            var cutting = new Cutting(int.MaxValue) { Known = known, Kept = kept, IsFinal = isFinal };
            if (Compile(module, defined, scan, cutting) is not { } anew) continue;
            return anew with
            {
                CallSites = first.CallSites,
                First = first,
                Recuts = before.Recuts + 1,
            };
        }

        return null;
    }

    /// <summary>The pieces that fit, those with the most runs for their size first.</summary>
    private static HashSet<int> Choose(CompiledFunction function, MethodSize room)
    {
        MethodSize size = function.Size;
        var kept = new HashSet<int>();
        foreach (CutPiece piece in function.Pieces.Where(static piece => piece.Code.Runs > 0)
            .OrderByDescending(piece => piece.Code.Runs / piece.Size.ShareOf(room)).ThenBy(static piece => piece.Start))
        {
            MethodSize with = size + piece.Size - piece.CallSize;
            if (!with.Fits(room)) continue;
            size = with;
            kept.Add(piece.Start);
        }

        return kept;
    }
}
