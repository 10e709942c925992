using System.Text.Json;
using LipSol.Language.Text;

namespace LipSol.Language.Decoding;

/// <summary>One place of a sentence, and what may stand there.</summary>
/// <param name="Words">The alternatives; one may have several words, with a space between.</param>
/// <param name="Optional">The place may stay empty.</param>
public sealed record GrammarSlot(IReadOnlyList<string> Words, bool Optional = false);

/// <summary>Sentences as slots: in each slot one of its words. A grammar is one or more such patterns.</summary>
/// <remarks>
/// As text, a pattern a line: <c>bin lay | blue red | [please now]</c>; <c>|</c> between slots, brackets round one that may stay empty; lines that
/// begin with <c>#</c> are remarks. As JSON: <c>{"patterns":[[{"words":["bin","lay"]},{"words":["now"],"optional":true}]]}</c>. Alternatives of
/// several words can be told in JSON only.
/// </remarks>
public sealed record Grammar
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly IReadOnlyList<IReadOnlyList<GrammarSlot>> patterns = [];

    /// <summary>The patterns.</summary>
    /// <exception cref="ArgumentException">No pattern, an empty one, a slot without words, or a word without letters.</exception>
    public required IReadOnlyList<IReadOnlyList<GrammarSlot>> Patterns
    {
        get => patterns;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Count == 0 || value.Any(p => p is not { Count: > 0 })) throw new ArgumentException("A grammar needs at least one pattern, and a pattern at least one slot.");
            foreach (var slot in value.SelectMany(p => p))
                if (slot?.Words is not { Count: > 0 } words || words.Any(w => w is null || w.Length == 0 || w != string.Join(' ', Transcripts.Words(w))))
                    throw new ArgumentException("Every slot of a grammar needs words with letters in them, and single spaces inside a word at most.");
            patterns = value;
        }
    }

    /// <summary>The recorded Urdu corpus' six slots, and those of the synthetic one.</summary>
    public static Grammar Urdu { get; } = Parse(
        "آپ میں وہ ہم | کتنے کدھر کونسا کیسے | تھا تھے ہوں ہے | جی نہیں ہاں | کب کون کیوں | ایک دو تین چار پانچھ چھ سات آٹھ نو").Normalise("ur");

    /// <summary>GRID's command, colour, preposition, letter, digit, adverb (Cooke et al. 2006); there is no w, since its name is too long.</summary>
    public static Grammar Grid { get; } = Parse(
        "bin lay place set | blue green red white | at by in with | a b c d e f g h i j k l m n o p q r s t u v x y z | "
        + "zero one two three four five six seven eight nine | again now please soon");

    /// <summary>Reads the text format.</summary>
    /// <exception cref="FormatException">It isn't; the message names the line.</exception>
    public static Grammar Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var read = new List<IReadOnlyList<GrammarSlot>>();
        foreach (var (line, number) in text.Split('\n').Select((l, i) => (l.Trim(), i + 1)))
        {
            if (line.Length == 0 || line[0] == '#') continue;
            read.Add([.. line.Split('|').Select(slot => Slot(slot.Trim(), number))]);
        }
        return read.Count > 0 ? new Grammar { Patterns = read } : throw new FormatException("The grammar has no pattern. Write one a line: bin lay | blue red | [now].");
    }

    /// <summary>Reads JSON.</summary>
    /// <exception cref="FormatException">It isn't JSON of a grammar.</exception>
    public static Grammar FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<Grammar>(json, Json) ?? throw new FormatException("The grammar is null.");
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new FormatException($"This is no grammar: {e.Message}", e);
        }
    }

    /// <summary>The grammar that a corpus' (normalised) transcripts follow: one pattern for each number of words, with the words seen in each place.</summary>
    /// <remarks>It allows every transcript, and all that mix their words place by place.</remarks>
    /// <exception cref="ArgumentException">No transcript has a word.</exception>
    public static Grammar FromTranscripts(IEnumerable<string> transcripts) => new()
    {
        Patterns = [.. transcripts.Select(Transcripts.Words).Where(w => w.Length > 0).GroupBy(w => w.Length).OrderBy(g => g.Key).Select(sentences =>
            (IReadOnlyList<GrammarSlot>)[.. Enumerable.Range(0, sentences.Key).Select(place =>
                new GrammarSlot([.. sentences.Select(s => s[place]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]))])],
    };

    /// <summary>Whether a (normalised) text is one of its sentences.</summary>
    public bool Accepts(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Patterns.Any(pattern => Follows(text, pattern));
    }

    /// <summary>The sentences that can be written with these letters: words with others are left out. Null where none is left.</summary>
    public Grammar? Within(Alphabet alphabet)
    {
        ArgumentNullException.ThrowIfNull(alphabet);
        bool CanBeWritten(string text) => alphabet.Foreign(text).Count == 0;
        var writable = Patterns
            .Select(pattern => pattern.Select(slot => slot with { Words = [.. slot.Words.Where(CanBeWritten)] }).Where(slot => slot.Words.Count > 0 || !slot.Optional).ToArray())
            .Where(pattern => pattern.Length > 0 && pattern.All(slot => slot.Words.Count > 0) && (pattern.Length == 1 || CanBeWritten(" "))).ToArray();
        return writable.Length == 0 ? null : new Grammar { Patterns = writable };
    }

    /// <summary>The grammar with its words in one spelling (<see cref="Transcripts.Normalise"/>).</summary>
    public Grammar Normalise(string language) => new()
    {
        Patterns = [.. Patterns.Select(p => (IReadOnlyList<GrammarSlot>)[.. p.Select(s => s with { Words = [.. s.Words.Select(w => Transcripts.Normalise(w, language)).Distinct()] })])],
    };

    /// <summary>As JSON, letters as they are.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>In the text format.</summary>
    public override string ToString() => string.Join('\n', Patterns.Select(p => string.Join(" | ", p.Select(s => s.Optional ? $"[{string.Join(' ', s.Words)}]" : string.Join(' ', s.Words)))));

    /// <summary>The automaton of its sentences.</summary>
    /// <exception cref="UnusableTranscriptException">A word has letters outside the alphabet, or there are two slots and no space in the alphabet.</exception>
    public ITextAutomaton Automaton(Alphabet alphabet)
    {
        var builder = new LetterAutomatonBuilder();
        var start = builder.Place();
        foreach (var pattern in Patterns)
        {
            int[] ready = [.. pattern.Select(_ => builder.Place())], done = [.. pattern.Select(_ => builder.Place())];
            builder.Free(start, ready[0]);
            if (pattern.All(s => s.Optional)) builder.Accept(start);
            for (var k = 0; k < pattern.Count; k++)
            {
                builder.Words(ready[k], pattern[k].Words.Select(alphabet.Encode), done[k]);
                if (pattern.Skip(k + 1).All(s => s.Optional)) builder.Accept(done[k]);
                if (k + 1 == pattern.Count) continue;
                builder.Letter(done[k], alphabet.Encode(" ")[0], ready[k + 1]);
                if (pattern[k].Optional) builder.Free(ready[k], ready[k + 1]);
            }
        }
        return builder.Build();
    }

    // All places in the text that the slots so far can reach: a slot may stay empty, and one of its words be the beginning of another.
    private static bool Follows(string text, IReadOnlyList<GrammarSlot> pattern)
    {
        var reached = new HashSet<int> { 0 };
        foreach (var slot in pattern)
        {
            var next = slot.Optional ? new HashSet<int>(reached) : [];
            foreach (var at in reached)
                foreach (var word in slot.Words)
                {
                    var from = at == 0 ? 0 : at + 1; // a space before all but the first
                    if (from + word.Length <= text.Length && string.CompareOrdinal(text, from, word, 0, word.Length) == 0
                        && (from == 0 || text[from - 1] == ' ') && (from + word.Length == text.Length || text[from + word.Length] == ' ')) next.Add(from + word.Length);
                }
            reached = next;
        }
        return reached.Contains(text.Length);
    }

    private static GrammarSlot Slot(string text, int line)
    {
        var optional = text.StartsWith('[') && text.EndsWith(']');
        var words = Transcripts.Words(optional ? text[1..^1].Trim() : text);
        if (words.Length == 0) throw new FormatException($"Line {line} of the grammar has a slot without words.");
        return words.FirstOrDefault(w => w.AsSpan().IndexOfAny('[', ']') >= 0) is { } bracket
            ? throw new FormatException($"Line {line} of the grammar: '{bracket}' has a bracket inside a slot; brackets go round a whole slot.")
            : new GrammarSlot(words, optional);
    }
}
