using System.Text.Json;

namespace Sirsi.Core.Tests.Cryptography;

/// <summary>Reads Project Wycheproof's files of test vectors.</summary>
internal static class Wycheproof
{
    /// <summary>Every case of a file with its group.</summary>
    public static IReadOnlyList<(JsonElement Group, JsonElement Case)> Cases(string file)
    {
        string path = TestData.File("data/trust/crypto/wycheproof/" + file);
        JsonElement root = JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;
        var cases = new List<(JsonElement, JsonElement)>();
        foreach (JsonElement group in root.GetProperty("testGroups").EnumerateArray())
            foreach (JsonElement test in group.GetProperty("tests").EnumerateArray())
                cases.Add((group, test));
        Assert.Equal(root.GetProperty("numberOfTests").GetInt32(), cases.Count);
        return cases;
    }

    /// <summary>Runs every case; the verdict has to be that of the file. "acceptable" cases may go either way.</summary>
    public static void Agrees(string file, Func<JsonElement, JsonElement, bool> verdict)
    {
        var wrong = new List<string>();
        foreach ((JsonElement group, JsonElement test) in Cases(file))
        {
            string expected = test.GetProperty("result").GetString()!;
            bool actual = verdict(group, test);
            if (expected != "acceptable" && actual != (expected == "valid"))
                wrong.Add($"{test.GetProperty("tcId")} ({test.GetProperty("comment")}): expected {expected}");
        }
        Assert.Empty(wrong);
    }

    public static byte[] Hex(this JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
