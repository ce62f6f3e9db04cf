using System.Text;

namespace Sirsi.Hypervisor.Durability;

/// <summary>The short texts seen last, so that the names which most facts repeat are one string each. Not thread-safe.</summary>
internal sealed class TextCache
{
    private const int Slots = 256, LengthMax = 64;

    private readonly string?[] _texts = new string?[Slots];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) return "";
        if (utf8.Length > LengthMax) return Encoding.UTF8.GetString(utf8);
        uint hash = 2_166_136_261;
        foreach (byte one in utf8) hash = (hash ^ one) * 16_777_619;
        ref string? known = ref _texts[hash % Slots];
        return known is not null && Ascii.Equals(utf8, known) ? known : known = Encoding.UTF8.GetString(utf8);
    }
}
