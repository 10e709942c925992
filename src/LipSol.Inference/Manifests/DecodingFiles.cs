using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LipSol.Language.Decoding;

namespace LipSol.Inference;

/// <summary>Writes and reads what a model folder holds for its decoders.</summary>
public static class DecodingFiles
{
    private const string LanguageModelName = "language-model.ngram", LexiconName = "lexicon.txt", GrammarName = "grammar.json";

    // Larger ones are nobody's transcripts; a folder that came from elsewhere may hold anything.
    private const int MostBytes = 32 << 20;

    // As the files are written: the same set gives the same bytes on every system.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Writes the files of a set and returns what <c>model.json</c> says of them.</summary>
    public static ModelDecoding Write(DecoderSet set, string folder)
    {
        ArgumentNullException.ThrowIfNull(set);
        bool Has(Func<DecoderSettings, bool> need) => set.Settings.Any(need);
        return new ModelDecoding
        {
            Default = set.Default,
            Decoders = set.Settings,
            LanguageModel = set.LanguageModel is { } model && Has(s => s.LanguageModelWeight > 0) ? Put(folder, LanguageModelName, model.Span) : null,
            Lexicon = set.Lexicon is { } lexicon && Has(s => s.Kind == DecoderKind.Lexicon) ? Put(folder, LexiconName, Utf8.GetBytes(string.Concat(lexicon.Words.Select(w => w + "\n")))) : null,
            Grammar = set.Grammar is { } grammar && Has(s => s.Kind == DecoderKind.Grammar) ? Put(folder, GrammarName, Utf8.GetBytes(grammar.ToJson() + "\n")) : null,
        };
    }

    /// <summary>Makes the decoders of a model folder; greedy alone where it says nothing of any, as folders of earlier versions do.</summary>
    /// <exception cref="UnusableModelException">A file is missing, was changed, or isn't what it should be, or the settings don't fit together.</exception>
    public static SentenceDecoders Read(ModelManifest manifest, string folder)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var alphabet = new Alphabet([.. manifest.Vocabulary.Skip(1)]);
        if (manifest.Decoding is not { } decoding) return new SentenceDecoders(DecoderSet.GreedyOnly(alphabet));
        try
        {
            return new SentenceDecoders(new DecoderSet
            {
                Alphabet = alphabet,
                Settings = decoding.Decoders,
                Default = decoding.Default,
                LanguageModel = Get(folder, decoding.LanguageModel),
                Lexicon = Get(folder, decoding.Lexicon) is { } words ? new Lexicon(Utf8.GetString(words).Split('\n', StringSplitOptions.RemoveEmptyEntries)) : null,
                Grammar = Get(folder, decoding.Grammar) is { } grammar ? Grammar.FromJson(Utf8.GetString(grammar)) : null,
            });
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidDataException or UnusableTranscriptException)
        {
            throw new UnusableModelException($"The decoders of {Path.Combine(folder, ModelManifestFile.Name)} can't be made: {e.Message}", e);
        }
    }

    private static DecodingFile Put(string folder, string name, ReadOnlySpan<byte> bytes)
    {
        File.WriteAllBytes(Path.Combine(folder, name), bytes);
        return new DecodingFile(name, Convert.ToHexStringLower(MD5.HashData(bytes)));
    }

    private static byte[]? Get(string folder, DecodingFile? file)
    {
        if (file is null) return null;
        // The name comes with the folder, from wherever that comes: it never leads out of it.
        if (file.Name is null || Path.GetFileName(file.Name) != file.Name || file.Name is "" or "." or "..")
            throw new UnusableModelException($"{ModelManifestFile.Name} names the decoders' file \"{file.Name}\", which is no name of a file in the folder.");
        var path = Path.Combine(folder, file.Name);
        if (!File.Exists(path)) throw new UnusableModelException($"{path} does not exist, and {ModelManifestFile.Name} says that a decoder works by it. Export the model again.");
        if (new FileInfo(path).Length is var length && length > MostBytes)
            throw new UnusableModelException(string.Create(CultureInfo.InvariantCulture, $"{path} has {length >> 20} MB; a decoder's file has at most {MostBytes >> 20}."));
        var bytes = File.ReadAllBytes(path);
        var found = Convert.ToHexStringLower(MD5.HashData(bytes));
        return found == file.Md5 ? bytes
            : throw new UnusableModelException($"{path} has MD5 {found}, but {ModelManifestFile.Name} says {file.Md5}: the file was changed or cut short. Export the model again.");
    }
}
