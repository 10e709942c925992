using Microsoft.OpenApi;

namespace LipSol.Silo.Transcriptions;

/// <summary>How clips are sent, for the OpenAPI document: as a form, or as the body with the fields in the address.</summary>
internal static class TranscriptionDescription
{
    private const string Form = "multipart/form-data";
    private static readonly string[] Bodies = ["video/*", "application/octet-stream", "application/x-npz"];

    private static readonly (string Name, JsonSchemaType Type, string Description)[] Fields =
    [
        ("model", JsonSchemaType.String, "The model; needed where several are in production."),
        ("version", JsonSchemaType.Integer, "The version; the one in production where not given."),
        ("start", JsonSchemaType.Number, "Start of the word in seconds, where known."),
        ("end", JsonSchemaType.Number, "End of the word in seconds, where known."),
        ("decoder", JsonSchemaType.String, "What reads a sentence: greedy, beam, lexicon, grammar; the model's default where not given."),
        ("format", JsonSchemaType.String, "json, text, srt or vtt; by the Accept header where not given."),
        ("keep", JsonSchemaType.String, "clip keeps the mouth clip in the artifact store."),
        ("within", JsonSchemaType.Number, "Seconds, from when the request came, within which an answer is worth something: what isn't read by then is given up and answered 504 (too-late)."),
        ("async", JsonSchemaType.Boolean, "Whether the answer is to be fetched later."),
    ];

    /// <summary>The endpoint takes clips. What is none is told so by the endpoint itself, which says what to send.</summary>
    public static RouteHandlerBuilder TakesClips(this RouteHandlerBuilder endpoint, bool bodies) => endpoint
        .Accepts<TranscriptionForm>(Form, [.. bodies ? Bodies : [], "*/*"])
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            var content = operation.RequestBody!.Content!;
            content.Remove("*/*");
            foreach (var type in Bodies.Where(content.ContainsKey)) content[type] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } };
            operation.Parameters ??= [];
            foreach (var (name, type, description) in Fields.Where(f => bodies || f.Name is not ("format" or "async")))
                operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Query, Description = description + " Instead of the field of this name.", Schema = new OpenApiSchema { Type = type } });
            return Task.CompletedTask;
        });
}
