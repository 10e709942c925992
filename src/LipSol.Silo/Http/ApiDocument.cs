using LipSol.Silo.Node;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace LipSol.Silo.Http;

/// <summary>The OpenAPI document's own words.</summary>
internal static class ApiDocument
{
    public static void Describe(OpenApiOptions options)
    {
        options.AddDocumentTransformer(DescribeAllAsync);
        options.AddOperationTransformer((operation, context, _) =>
        {
            var role = Roles.Of(new EndpointMetadataCollection(context.Description.ActionDescriptor.EndpointMetadata));
            operation.Description = $"{operation.Description} Needs {(role is { } needed ? $"a token with the role {Roles.NameOf(needed)}" : "no token")}.".TrimStart();
            return Task.CompletedTask;
        });
    }

    private static Task DescribeAllAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "LipSol",
            Version = NodeVersion.Text.Split('+')[0],
            Description = "Corpora, runs, models and transcriptions of a LipSol node. Send a token as `Authorization: Bearer …`: the node's own, or one made by `lipsol tokens create`. Errors are problem details (RFC 9457) whose `detail` says what to do and whose `reason` tells programs the kind.",
        };
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes["token"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "The node's own token, or a named one." };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", document)] = [] }];
        return Task.CompletedTask;
    }
}
