using LipSol.Silo.Node;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace LipSol.Silo.Http;

/// <summary>The OpenAPI document's own words.</summary>
internal static class ApiDocument
{
    public static void Describe(OpenApiOptions options) => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Info = new OpenApiInfo
        {
            Title = "LipSol",
            Version = NodeVersion.Text.Split('+')[0],
            Description = "Corpora, runs, models and transcriptions of a LipSol node. Send the node's token as `Authorization: Bearer …`. Errors are problem details (RFC 9457) whose `detail` says what to do and whose `reason` tells programs the kind.",
        };
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes["token"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "The node's token." };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", document)] = [] }];
        return Task.CompletedTask;
    });
}
