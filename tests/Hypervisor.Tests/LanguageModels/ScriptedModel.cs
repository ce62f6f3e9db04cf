using Sirsi.Hypervisor.LanguageModels;

namespace Sirsi.Hypervisor.Tests.LanguageModels;

/// <summary>
/// A provider whose model "echo" answers with the last message, word for word: a token a word, three millionths each. What it was asked and paid is in a book that outlives it, so that a host that was
/// opened again finds the same provider.
/// </summary>
internal sealed class ScriptedModel(ScriptedModel.Book book) : ILanguageModel
{
    public const long Price = 3;

    private readonly int _epoch = ++book.Epoch;

    /// <summary>What the provider remembers.</summary>
    internal sealed class Book
    {
        public int Epoch { get; set; }

        public long Tokens { get; set; }

        public List<string> Keys { get; } = [];

        public List<ModelRequest> Requests { get; } = [];
    }

    /// <summary>Runs before it answers; may wait, throw or give another answer.</summary>
    public Func<ModelRequest, CancellationToken, Task<ModelAnswer?>> Before { get; init; } = static (_, _) => Task.FromResult<ModelAnswer?>(null);

    public bool HonoursKeys { get; init; }

    public ModelCost? Most(ModelRequest request)
    {
        if (request.Model != "echo") return null;
        long tokens = Words(request.System) + request.Messages.Sum(static message => Words(message.Text)) + request.OutputTokensMax;
        return new ModelCost(tokens, tokens * Price);
    }

    public async Task<ModelAnswer> CompleteAsync(ModelRequest request, string key, CancellationToken cancellation)
    {
        // What belongs to a machine whose power has gone reaches nobody.
        bool isThere = _epoch == book.Epoch;
        long tokensIn = Words(request.System) + request.Messages.Sum(static message => Words(message.Text));
        string[] words = request.Messages[^1].Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int stop = Array.FindIndex(words, word => request.Stop.Contains(word));
        int tokensOut = Math.Min(stop < 0 ? words.Length : stop, request.OutputTokensMax);
        if (isThere)
        {
            if (!HonoursKeys || !book.Keys.Contains(key)) book.Tokens += tokensIn + tokensOut;
            book.Keys.Add(key);
            book.Requests.Add(request);
        }

        if (await Before(request, cancellation) is { } other) return other;
        return ModelAnswer.Completed(
            string.Join(' ', words[..tokensOut]), stop >= 0 ? ModelStop.StopText : tokensOut < words.Length ? ModelStop.OutputTokens : ModelStop.End, tokensIn, tokensOut, (tokensIn + tokensOut) * Price);
    }

    private static int Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
}
