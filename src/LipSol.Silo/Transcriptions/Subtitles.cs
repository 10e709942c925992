using LipSol.Client;
using LipSol.Language.Subtitles;

namespace LipSol.Silo.Transcriptions;

/// <summary>A transcription as subtitles.</summary>
internal static class Subtitles
{
    /// <summary>SubRip.</summary>
    public static string Srt(Transcription read) => SubtitleWriter.Srt(Words(read));

    /// <summary>WebVTT, with what stands behind the answer in a note.</summary>
    public static string Vtt(Transcription read) => SubtitleWriter.Vtt(Words(read),
        $"{read.Provenance.Model} version {read.Provenance.Version}, run {read.Provenance.RunId}, data {read.Provenance.DataHash}");

    private static IEnumerable<TimedWord> Words(Transcription read) => read.Words.Select(w => new TimedWord(w.Word, w.Start, w.End));
}
