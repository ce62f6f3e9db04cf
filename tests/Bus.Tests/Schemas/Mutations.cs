namespace Sirsi.Bus.Tests.Schemas;

/// <summary>Damages payloads as networks, bugs and enemies do.</summary>
internal static class Mutations
{
    private static readonly byte[][] Pieces =
    [
        [0x00], [0x80], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
        [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], [0x88, 0x80, 0x80, 0x80, 0x80, 0x00], [0xFF, 0xFF, 0xFF, 0xFF, 0x1F],
        [0x0B, 0x0C], [0x0B], [0x0C], [0x23], [0x24], [0x0E, 0x01], [0x0F], [0x72, 0x01, 0xFF], [0x0A, 0x02, 0xC3, 0x28], [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07],
        [0x0A, 0x80, 0x80, 0x80, 0x80, 0x10], [0xFA, 0x01, 0x03, 0x01, 0x80, 0x02],
    ];

    public static byte[] Of(byte[] payload, Random random)
    {
        var bytes = payload.ToList();
        for (int count = 1 + random.Next(3); count > 0; count--)
        {
            int at = random.Next(bytes.Count + 1);
            switch (random.Next(8))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(4), bytes.Count - at));
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 4:
                    bytes.InsertRange(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                case 5:
                    bytes.AddRange(Pieces[random.Next(Pieces.Length)]);
                    break;
                case 6:
                    bytes.InsertRange(at, bytes.GetRange(0, random.Next(bytes.Count + 1)));
                    break;
                default:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
            }
        }

        return [.. bytes];
    }
}
