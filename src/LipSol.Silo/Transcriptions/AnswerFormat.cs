using LipSol.Silo.Http;

namespace LipSol.Silo.Transcriptions;

/// <summary>How a transcription is answered.</summary>
internal enum AnswerFormat
{
    Json,
    Text,
    Srt,
    Vtt,
}

/// <summary>Chooses the format: the field <c>format</c> where given, else what the request accepts.</summary>
internal static class AnswerFormats
{
    public static AnswerFormat Choose(string? named, string accept)
    {
        if (named is not null)
            return named.ToLowerInvariant() switch
            {
                "json" => AnswerFormat.Json,
                "text" or "txt" => AnswerFormat.Text,
                "srt" => AnswerFormat.Srt,
                "vtt" => AnswerFormat.Vtt,
                _ => throw ApiException.BadRequest($"format is \"{named}\". Known are json, text, srt and vtt."),
            };
        foreach (var type in accept.Split(',').Select(part => part.Split(';')[0].Trim().ToLowerInvariant()))
        {
            switch (type)
            {
                case "application/json" or "*/*" or "application/*": return AnswerFormat.Json;
                case "text/plain": return AnswerFormat.Text;
                case "application/x-subrip": return AnswerFormat.Srt;
                case "text/vtt": return AnswerFormat.Vtt;
            }
        }
        return AnswerFormat.Json;
    }
}
